using Coxswain.Core.Simulation;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>A made-up node to try things out on: a 5G core, web services, a cache, batch work that takes all the CPU it gets, and the services of the node.</summary>
/// <remarks>32 CPUs; 26 pods in 8 namespaces; always the same.</remarks>
public static class SampleNode
{
    private const int CpuCount = 32;
    private const long Us = 1000;
    private const long Ms = 1000 * Us;

    /// <summary>Makes the node.</summary>
    /// <param name="time">The clock that it follows.</param>
    /// <param name="options">Settings of its scheduler; the number of CPUs is the node's.</param>
    public static SimulatedNode Create(TimeProvider time, SimulationOptions? options = null)
    {
        var node = new SimulatedNode((options ?? new SimulationOptions()) with { Cpus = CpuCount }, time);
        AddServices(node);
        AddUserPlane(node);
        foreach (string function in (string[])["amf", "smf", "nrf", "ausf", "udm", "udr", "pcf", "nssf"])
        {
            AddPod(node, "free5gc", $"{function}-0", function, function, 4, () => Behaviours.RunAndSleep(300 * Us, 40 * Ms), ("part-of", "free5gc"));
        }
        for (int i = 0; i < 3; i++)
        {
            AddPod(node, "shop", $"api-{i}", "api", "api-server", 6, () => Behaviours.RunAndSleep(800 * Us, 12 * Ms), ("tier", "backend"));
        }
        AddPod(node, "web", "frontend-0", "frontend", "nginx", 4, () => Behaviours.RunAndSleep(500 * Us, 8 * Ms), ("tier", "web"));
        AddPod(node, "web", "frontend-1", "frontend", "nginx", 4, () => Behaviours.RunAndSleep(500 * Us, 8 * Ms), ("tier", "web"));
        AddPod(node, "data", "redis-0", "redis", "redis-server", 5, () => Behaviours.RunAndSleep(200 * Us, 5 * Ms));
        AddPod(node, "batch", "encoder-0", "encoder", "ffmpeg", 12, Behaviours.Spin, ("tier", "batch"));
        AddPod(node, "batch", "train-0", "train", "python3", 16, Behaviours.Spin, ("tier", "batch"));
        AddPod(node, "batch", "etl-0", "etl", "java", 10, Behaviours.Spin, ("tier", "batch"));
        AddPod(node, "batch", "builds-0", "builds", "make", 2, () => Behaviours.ForkAndSleep(20 * Ms, 30 * Ms), ("tier", "batch"));
        AddPod(node, "monitoring", "prometheus-0", "prometheus", "prometheus", 8, () => Behaviours.RunAndSleep(2 * Ms, 100 * Ms));
        AddPod(node, "kube-system", "coredns-5d78c9869d-7xk2p", "coredns", "coredns", 6, () => Behaviours.RunAndSleep(150 * Us, 25 * Ms));
        return node;
    }

    // The services that no change may touch, this program among them.
    private static void AddServices(SimulatedNode node)
    {
        Start(node, 1, "systemd", "/init.scope", 10 * Us, 250 * Ms);
        Kernel(node, 2, "kthreadd", null);
        Kernel(node, 12, "ksoftirqd/0", [0]);
        Kernel(node, 61, "kswapd0", null);
        Start(node, 310, "systemd-journal", "/system.slice/systemd-journald.service", 50 * Us, 200 * Ms);
        Start(node, 402, "dbus-daemon", "/system.slice/dbus.service", 20 * Us, 500 * Ms);
        Start(node, 420, "sshd", "/system.slice/ssh.service", 20 * Us, 1000 * Ms);
        Start(node, 433, "cron", "/system.slice/cron.service", 20 * Us, 1000 * Ms);
        Start(node, 510, "containerd", "/system.slice/containerd.service", 300 * Us, 50 * Ms);
        Start(node, 544, "kubelet", "/system.slice/kubelet.service", 1 * Ms, 50 * Ms);
        Start(node, 700, "coxswain", "/system.slice/coxswain.service", 30 * Us, 250 * Ms);
        node.OwnPid = 700;
    }

    // A ping goes from the user's equipment through the radio station to the user plane and on into the data network.
    private static void AddUserPlane(SimulatedNode node)
    {
        int network = AddPod(node, "free5gc", "dn-0", "dn", "iperf3", 1, () => Behaviours.Relay(80 * Us, () => 0), ("part-of", "free5gc"));
        int spare = AddPod(node, "free5gc", "upf-1", "upf", "upf", 1, () => Behaviours.Relay(120 * Us, () => network), ("part-of", "free5gc"));
        int userPlane = AddPod(node, "free5gc", "upf-0", "upf", "upf", 1, () => Behaviours.Relay(120 * Us, () => network), ("part-of", "free5gc"));
        int station = AddPod(node, "ueransim", "gnb-0", "gnb", "nr-gnb", 1, () => Behaviours.Relay(100 * Us, () => userPlane));
        AddPod(node, "ueransim", "ue-0", "ue", "nr-ue", 1, () => Behaviours.RequestAndSleep(60 * Us, () => station, 4 * Ms));
        AddPod(node, "ueransim", "ue-1", "ue", "nr-ue", 1, () => Behaviours.RequestAndSleep(60 * Us, () => spare, 20 * Ms));
    }

    private static void Start(SimulatedNode node, int pid, string command, string cgroup, long runNs, long sleepNs) =>
        node.Start(new TaskSpec { Pid = pid, Comm = command, Behaviour = Behaviours.RunAndSleep(runNs, sleepNs) }, cgroup);

    private static void Kernel(SimulatedNode node, int pid, string command, IReadOnlyList<int>? cpus) => node.Start(
        new TaskSpec { Pid = pid, Comm = command, IsKernelThread = true, Cpus = cpus, Behaviour = Behaviours.RunAndSleep(20 * Us, 100 * Ms) }, "/");

    private static int AddPod(
        SimulatedNode node, string space, string name, string app, string command, int threads, Func<ITaskBehaviour> behaviour, params (string Key, string Value)[] labels)
    {
        var all = new Dictionary<string, string> { ["app"] = app };
        foreach ((string key, string value) in labels)
        {
            all[key] = value;
        }
        string cgroup = node.Pods.Add(space, name, all);
        int leader = node.Start(new TaskSpec { Comm = command, Behaviour = behaviour() }, cgroup, uid: 1000);
        for (int i = 1; i < threads; i++)
        {
            node.Start(new TaskSpec { Comm = $"{command[..Math.Min(command.Length, 9)]}/{i}", Tgid = leader, Behaviour = behaviour() }, cgroup, uid: 1000);
        }
        return leader;
    }
}
