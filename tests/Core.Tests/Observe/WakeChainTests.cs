using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public sealed class WakeChainTests
{
    private readonly Dictionary<int, ObservedTask> _tasks = [];

    [Fact]
    public void A_ring_of_three_is_found_whole_and_cut_once()
    {
        var chain = Find("10>20 1000", "20>30 1000", "30>10 1000", "interrupt>10 50");
        Assert.Equal([10, 20, 30], chain.Select(process => process.ProcessId));
        Assert.Equal([30, 10, 20], chain.Select(process => process.WokenBy));
        Assert.Equal([true, false, false], chain.Select(process => process.IsTarget));
        Assert.All(chain, process => Assert.Equal((1000, 1_000_000), (process.Wakeups, process.WaitNs)));
    }

    [Fact]
    public void The_answer_that_comes_back_through_another_process_is_part_of_it() =>
        Assert.Equal([10, 20], Find("10>20 500", "20>10 500", "40>50 9000").Select(process => process.ProcessId).Order());

    [Fact]
    public void Small_talk_is_no_part_of_it() =>
        Assert.Equal([10, 20], Find("10>20 1000", "20>10 1000", "10>99 3", "20>98 2", "97>10 4").Select(process => process.ProcessId));

    [Fact]
    public void A_target_that_is_woken_too_seldom_and_wakes_nobody_stands_alone() =>
        Assert.Equal([10], Find("20>10 3").Select(process => process.ProcessId));

    [Fact]
    public void Kernel_threads_and_interrupts_lead_nowhere() =>
        Assert.Empty(Find("interrupt>10 1000", "10>-7 1000", "-7>20 1000"));

    [Fact]
    public void A_process_that_serves_many_does_not_bring_all_of_them_in()
    {
        // A database that hundreds of clients talk to as much.
        var pairs = Enumerable.Range(100, 200).SelectMany(client => new[] { $"{client}>20 100", $"20>{client} 100" });
        Assert.Equal([10, 20], Find([.. pairs, "10>20 100", "20>10 100"]).Select(process => process.ProcessId));
    }

    private IReadOnlyList<ChainProcess> Find(params string[] pairs) =>
        WakeChain.Find([.. pairs.Select(Parse)], task => task.ProcessId == 10);

    // "10>20 1000": process 10 woke process 20 a thousand times, which then waited 1 µs each. Negative ones are kernel threads.
    private ObservedPair Parse(string text)
    {
        var parts = text.Split('>', ' ');
        var count = long.Parse(parts[2]);
        return new ObservedPair(Task(parts[0]), Task(parts[1]), count * 1000, count);
    }

    private ObservedTask Task(string name)
    {
        if (name == "interrupt")
        {
            return ObservedTask.Interrupt;
        }

        var pid = int.Parse(name);
        return _tasks.TryGetValue(pid, out var known) ? known
            : _tasks[pid] = new ObservedTask(_tasks.Count + 10, new TaskKey(Math.Abs(pid), 1), Math.Abs(pid)) { Command = name, IsKernelThread = pid < 0 };
    }
}
