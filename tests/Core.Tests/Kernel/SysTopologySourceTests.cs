using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class SysTopologySourceTests : IDisposable
{
    private const string Cpus = "sys/devices/system/cpu";
    private readonly string _root = Directory.CreateTempSubdirectory("topology").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Cores_caches_and_nodes_are_those_of_the_CPUs_that_are_online()
    {
        Write($"{Cpus}/possible", "0-7");
        Write($"{Cpus}/online", "0-6");
        Write($"{Cpus}/isolated", "3");
        Write($"{Cpus}/nohz_full", "(null)");
        Write("sys/devices/system/node/node0/cpulist", "0-3");
        Write("sys/devices/system/node/node1/cpulist", "4-7");
        for (var cpu = 0; cpu < 7; cpu++)
        {
            Write($"{Cpus}/cpu{cpu}/topology/thread_siblings_list", $"{cpu / 2 * 2}-{cpu / 2 * 2 + 1}");
            Write($"{Cpus}/cpu{cpu}/cache/index3/level", "3");
            Write($"{Cpus}/cpu{cpu}/cache/index3/shared_cpu_list", cpu < 4 ? "0-3" : "4-7");
        }

        var topology = new SysTopologySource(_root).Read();

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], topology.Online);
        Assert.Equal([7], topology.Offline);
        Assert.Equal([3], topology.Isolated);
        Assert.Empty(topology.Tickless);
        Assert.Equal([[0, 1], [2, 3], [4, 5], [6]], topology.Cores);
        Assert.Equal([(0, "0 1 2 3"), (1, "4 5 6")], topology.Caches.Select(cache => (cache.Node, string.Join(' ', cache.Cpus))));
        Assert.Equal([(0, 4), (1, 3)], topology.Nodes.Select(node => (node.Node, node.Cpus.Count)));
    }

    [Fact]
    public void This_machine_can_be_read()
    {
        var topology = new SysTopologySource().Read();
        Assert.NotEmpty(topology.Online);
        Assert.Equal(topology.Online, topology.Caches.SelectMany(cache => cache.Cpus).Order());
        Assert.Equal(topology.Online, topology.Cores.SelectMany(core => core).Order());
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
    }
}
