using System.Globalization;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>Which CPUs share a last-level cache (LLC), and on which NUMA node.</summary>
internal sealed class CpuTopology
{
    private const string Cpus = "sys/devices/system/cpu";

    private readonly HashSet<int> _possible;

    private CpuTopology(HashSet<int> possible, int cpuIds, IReadOnlyList<Llc> llcs)
    {
        _possible = possible;
        CpuIds = cpuIds;
        Llcs = llcs;
    }

    /// <summary>One more than the largest CPU id that this machine can ever have, at most 1024.</summary>
    public int CpuIds { get; }

    /// <summary>At least one, at most 128. Every possible CPU is in exactly one.</summary>
    public IReadOnlyList<Llc> Llcs { get; }

    /// <summary>Can the machine have a CPU of this id?</summary>
    public bool IsPossible(int cpu) => _possible.Contains(cpu) && cpu < CpuIds;

    /// <summary>Reads it from the running kernel.</summary>
    /// <param name="root">Where /sys is; "/" but for tests.</param>
    public static CpuTopology Read(string root = "/")
    {
        int[] possible = [.. CpuList.Parse(File.ReadAllText(Path.Combine(root, Cpus, "possible"))).Where(c => c < CpuState.Max)];
        Dictionary<int, int> nodes = Nodes(root);
        var byCpu = new Dictionary<int, string>();
        foreach (int cpu in possible)
        {
            if (LlcOf(root, cpu) is { } llc)
            {
                byCpu[cpu] = llc;
            }
        }
        // A CPU that is offline tells nothing of its caches: it counts to an LLC of its node, so that it has one when it comes.
        foreach (int cpu in possible.Where(c => !byCpu.ContainsKey(c)).ToArray())
        {
            int node = nodes.GetValueOrDefault(cpu);
            byCpu[cpu] = byCpu.OrderBy(p => p.Key).Where(p => nodes.GetValueOrDefault(p.Key) == node).Select(p => p.Value).FirstOrDefault() ?? $"node {node}";
        }
        Llc[] llcs = Group(possible, cpu => byCpu[cpu], nodes);
        if (llcs.Length > Home.MaxLlcs)
        {
            llcs = Group(possible, cpu => nodes.GetValueOrDefault(cpu).ToString(CultureInfo.InvariantCulture), nodes);
        }
        if (llcs.Length is 0 or > Home.MaxLlcs)
        {
            llcs = [new Llc(possible, 0)];
        }
        return new CpuTopology([.. possible], possible.DefaultIfEmpty(0).Max() + 1, llcs);
    }

    /// <summary>Hands it over to the scheduler, before it is attached.</summary>
    public unsafe void WriteTo(MappedMap<Home> homes, MappedMap<CpuState> cpus, LoopPlan loops)
    {
        for (int i = 0; i < Llcs.Count; i++)
        {
            Home* home = homes.Pointer + i;
            home->Kind = HomeKind.Llc;
            home->Node = Llcs[i].Node;
            home->Loop = (uint)loops.OfLlc(i);
            foreach (int cpu in Llcs[i].Cpus)
            {
                home->Cpus[cpu / 64] |= 1UL << (cpu % 64);
                cpus.Pointer[cpu].Llc = (uint)i;
            }
        }
    }

    private static Llc[] Group(int[] possible, Func<int, string> key, Dictionary<int, int> nodes) =>
        [.. possible.GroupBy(key).Select(g => new Llc([.. g], nodes.GetValueOrDefault(g.First(), -1)))];

    /// <summary>The first of the hardware threads of a CPU's core; itself where the kernel does not say.</summary>
    public static int FirstOfCore(int cpu, string root = "/")
    {
        try
        {
            string path = Path.Combine(root, Cpus, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"), "topology", "thread_siblings_list");
            return CpuList.Parse(File.ReadAllText(path)).DefaultIfEmpty(cpu).Min();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return cpu;
        }
    }

    /// <summary>What the CPUs of one LLC have in common; null when the kernel does not say.</summary>
    private static string? LlcOf(string root, int cpu)
    {
        string path = Path.Combine(root, Cpus, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"));
        try
        {
            string? shared = null;
            int highest = 0;
            string caches = Path.Combine(path, "cache");
            foreach (string index in Directory.Exists(caches) ? Directory.GetDirectories(caches, "index*") : [])
            {
                int level = int.Parse(File.ReadAllText(Path.Combine(index, "level")), CultureInfo.InvariantCulture);
                if (level > highest)
                {
                    highest = level;
                    shared = File.ReadAllText(Path.Combine(index, "shared_cpu_list")).Trim();
                }
            }
            // Below level 3 a cache is that of a core: a machine where that is the last one counts by package.
            return highest >= 3 ? shared : $"package {File.ReadAllText(Path.Combine(path, "topology", "physical_package_id")).Trim()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    private static Dictionary<int, int> Nodes(string root)
    {
        var nodes = new Dictionary<int, int>();
        string path = Path.Combine(root, "sys/devices/system/node");
        foreach (string directory in Directory.Exists(path) ? Directory.GetDirectories(path, "node*") : [])
        {
            if (!int.TryParse(Path.GetFileName(directory)["node".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int node))
            {
                continue;
            }
            foreach (int cpu in CpuList.Parse(ReadPatiently(Path.Combine(directory, "cpulist"))))
            {
                nodes[cpu] = node;
            }
        }
        return nodes;
    }

    // The kernel may refuse it (EPERM) in the moment in which a CPU comes or goes.
    private static string ReadPatiently(string path)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (Exception e) when (tries < 20 && e is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(5);
            }
        }
    }

    /// <summary>CPUs that share a last-level cache.</summary>
    /// <param name="Cpus">Their ids, ascending.</param>
    /// <param name="Node">Their NUMA node; -1 when the kernel does not say.</param>
    internal sealed record Llc(IReadOnlyList<int> Cpus, int Node);
}
