using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class CpuTopologyTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("topology").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Llcs_are_the_groups_that_share_the_highest_cache()
    {
        Possible("0-7");
        Node(0, "0-3");
        Node(1, "4-7");
        for (int cpu = 0; cpu < 8; cpu++)
        {
            Cache(cpu, level: 2, $"{cpu}");
            Cache(cpu, level: 3, cpu < 2 ? "0-1" : cpu < 4 ? "2-3" : "4-7");
        }

        CpuTopology topology = CpuTopology.Read(_root);

        Assert.Equal([[0, 1], [2, 3], [4, 5, 6, 7]], topology.Llcs.Select(l => l.Cpus));
        Assert.Equal([0, 0, 1], topology.Llcs.Select(l => l.Node));
        Assert.Equal(8, topology.CpuIds);
    }

    [Fact]
    public void Without_a_third_cache_packages_count()
    {
        Possible("0-3");
        for (int cpu = 0; cpu < 4; cpu++)
        {
            Cache(cpu, level: 2, $"{cpu}");
            Write($"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", $"{cpu / 2}");
        }

        Assert.Equal([[0, 1], [2, 3]], CpuTopology.Read(_root).Llcs.Select(l => l.Cpus));
    }

    [Fact]
    public void Ids_may_be_sparse_and_CPUs_offline()
    {
        Possible("0,4,8-9,1023");
        Node(0, "0,4");
        Node(1, "8-9,1023");
        Cache(0, level: 3, "0,4");
        Cache(4, level: 3, "0,4");
        Cache(8, level: 3, "8");

        CpuTopology topology = CpuTopology.Read(_root);

        Assert.Equal([[0, 4], [8, 9, 1023]], topology.Llcs.Select(l => l.Cpus));
        Assert.Equal(1024, topology.CpuIds);
        Assert.True(topology.IsPossible(1023));
        Assert.False(topology.IsPossible(5));
    }

    [Fact]
    public void A_machine_that_tells_nothing_has_one_LLC()
    {
        Possible("0-1");

        Assert.Equal([[0, 1]], CpuTopology.Read(_root).Llcs.Select(l => l.Cpus));
    }

    [Fact]
    public void With_more_LLCs_than_fit_nodes_count()
    {
        Possible("0-299");
        Node(0, "0-149");
        Node(1, "150-299");
        for (int cpu = 0; cpu < 300; cpu++)
        {
            Cache(cpu, level: 3, $"{cpu}");
        }

        Assert.Equal([150, 150], CpuTopology.Read(_root).Llcs.Select(l => l.Cpus.Count));
    }

    private void Possible(string list) => Write("sys/devices/system/cpu/possible", list);

    private void Node(int node, string list) => Write($"sys/devices/system/node/node{node}/cpulist", list);

    private void Cache(int cpu, int level, string shared)
    {
        Write($"sys/devices/system/cpu/cpu{cpu}/cache/index{level}/level", $"{level}");
        Write($"sys/devices/system/cpu/cpu{cpu}/cache/index{level}/shared_cpu_list", shared);
    }

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
