using System.Globalization;
using Coxswain.Core.Tests.Workloads.Pods;

namespace Coxswain.Benchmarks;

/// <summary>A node of 1,000 pods with 20 threads each: files as /proc has them, and a container runtime on a socket.</summary>
internal sealed class MadeUpNode : IAsyncDisposable
{
    public const int Pods = 1000;
    public const int ThreadsPerPod = 20;
    public const int Threads = Pods * ThreadsPerPod;

    /// <summary>Selects two pods of five.</summary>
    public const string Label = "tier=web";
    public const int LabelledPods = Pods * 2 / 5;

    private readonly FakeRuntime _runtime;

    private MadeUpNode(string root, FakeRuntime runtime)
    {
        Root = root;
        _runtime = runtime;
    }

    /// <summary>Where /proc is made up.</summary>
    public string Root { get; }

    /// <summary>Where the container runtime answers.</summary>
    public string RuntimeSocket => _runtime.SocketPath;

    public static async Task<MadeUpNode> StartAsync()
    {
        string root = Directory.CreateTempSubdirectory("coxswain-node-").FullName;
        Parallel.For(1, Pods + 1, pod => MakeProcess(root, pod));
        byte[] pods = [.. Enumerable.Range(1, Pods).SelectMany(Pod)];
        byte[] containers = [.. Enumerable.Range(1, Pods).SelectMany(pod => ProtoText.Container(Container(pod), Sandbox(pod)))];
        FakeRuntime runtime = await FakeRuntime.StartAsync(
            (method, context) => FakeRuntime.SendAsync(context, method == "ListPodSandbox" ? pods : containers)).ConfigureAwait(false);
        return new MadeUpNode(root, runtime);
    }

    /// <summary>The files that tell of one thread.</summary>
    public IEnumerable<string> Files() =>
        from pod in Enumerable.Range(1, Pods)
        from tid in Enumerable.Range(pod * 100, ThreadsPerPod)
        from name in (string[])["stat", "cgroup"]
        select $"{Root}/{pod * 100}/task/{tid}/{name}";

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        await _runtime.DisposeAsync().ConfigureAwait(false);
    }

    private static string Uid(int pod) => $"00000000-0000-4000-8000-{pod:d12}";

    private static string Container(int pod) => pod.ToString("x64", CultureInfo.InvariantCulture);

    private static string Sandbox(int pod) => (Pods + pod).ToString("x64", CultureInfo.InvariantCulture);

    // As much as real ones carry.
    private static byte[] Pod(int pod) => ProtoText.Pod(
        Sandbox(pod), $"frontend-service-7c9d8f6b5d-{pod:x5}", Uid(pod), $"production-{pod % 7}",
        ("tier", pod % 5 < 2 ? "web" : "data"), ("app.kubernetes.io/name", $"frontend-service-{pod % 10}"),
        ("app.kubernetes.io/instance", $"frontend-service-production-{pod % 10}"), ("app.kubernetes.io/managed-by", "Helm"),
        ("pod-template-hash", "7c9d8f6b5d"), ("app.kubernetes.io/version", "2.14.3"));

    private static void MakeProcess(string root, int pod)
    {
        int pid = pod * 100;
        for (int tid = pid; tid < pid + ThreadsPerPod; tid++)
        {
            string directory = Directory.CreateDirectory($"{root}/{pid}/task/{tid}").FullName;
            File.WriteAllText(
                $"{directory}/stat",
                $"{tid} (server) S 7 1 1 0 -1 0 10 0 0 0 3 2 0 0 20 0 {ThreadsPerPod} 0 100 1000000 100 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
            File.WriteAllText($"{directory}/cgroup", $"0::/kubepods/burstable/pod{Uid(pod)}/{Container(pod)}\n");
        }
    }
}
