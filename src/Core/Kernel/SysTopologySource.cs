using System.Globalization;

namespace Coxswain.Core.Kernel;

/// <summary>Reads the topology from /sys.</summary>
/// <param name="root">Where /sys is; "/" but for tests.</param>
public sealed class SysTopologySource(string root = "/") : ITopologySource
{
    private readonly string _cpus = Path.Combine(root, "sys/devices/system/cpu");

    /// <inheritdoc/>
    public IReadOnlyList<int> OnlineCpus() => List("online");

    /// <inheritdoc/>
    public MachineTopology Read()
    {
        var online = OnlineCpus();
        var topology = CpuTopology.Read(root);
        var caches = topology.Llcs
            .Select(llc => new CpuGroup(llc.Node, [.. llc.Cpus.Where(online.Contains)]))
            .Where(group => group.Cpus.Count > 0)
            .OrderBy(group => group.Cpus[0])
            .ToList();
        return new MachineTopology
        {
            Online = online,
            Offline = [.. List("possible").Except(online)],
            Isolated = List("isolated"),
            Tickless = List("nohz_full"),
            Cores = [.. online.GroupBy(CoreOf).Select(core => (IReadOnlyList<int>)[.. core])],
            Caches = caches,
            Nodes = [.. caches.GroupBy(group => group.Node).OrderBy(node => node.Key)
                .Select(node => new CpuGroup(node.Key, [.. node.SelectMany(group => group.Cpus).Order()]))],
        };
    }

    // What the hardware threads of one core have in common.
    private string CoreOf(int cpu)
    {
        var topology = Path.Combine(_cpus, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"), "topology");
        return Text(Path.Combine(topology, "thread_siblings_list")) is { Length: > 0 } siblings ? siblings : $"cpu {cpu}";
    }

    // "(null)" is what some kernels write where there is none.
    private List<int> List(string file)
    {
        try
        {
            return [.. CpuList.Parse(Text(Path.Combine(_cpus, file)))];
        }
        catch (FormatException)
        {
            return [];
        }
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
