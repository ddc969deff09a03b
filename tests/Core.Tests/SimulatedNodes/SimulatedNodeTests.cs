using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;
using Coxswain.Core.Workloads;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.SimulatedNodes;

/// <summary>The made-up machine as the rest of the program uses one.</summary>
public sealed class SimulatedNodeTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedNode _node;

    public SimulatedNodeTests()
    {
        _node = new SimulatedNode(new SimulationOptions { Cpus = 2 }, _time);
        _node.Scheduler.Start();
    }

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Its_time_is_that_of_the_clock()
    {
        var spinner = Start("spin", "/a");
        Pass(200);
        Assert.Equal(200, _node.Find(spinner)!.RunNs / 1_000_000);
        Pass(100);
        Assert.Equal(300, _node.Find(spinner)!.RunNs / 1_000_000);
    }

    [Fact]
    public void Who_only_looks_how_the_scheduler_stands_leaves_the_machine_where_it_is()
    {
        Start("spin", "/a");
        Pass(200);
        _node.Scheduler.Snapshot();
        ulong before = _node.Kernel.NowNs;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(_node.Scheduler.ReadState().Attached);
        Assert.Equal(before, _node.Kernel.NowNs);
        Assert.Equal(_node.Scheduler.ReadState().AttachedSince, _node.Scheduler.Snapshot().AttachedSince);
        // The fake clock counts its time since long ago in floating point.
        Assert.InRange(_node.Kernel.NowNs - before, 99_900_000ul, 100_100_000ul);
    }

    [Fact]
    public void A_directive_holds_as_long_as_its_clock_says_also_over_a_time_in_which_nobody_looked()
    {
        int[] hogs = [Start("a", "/a"), Start("b", "/a"), Start("c", "/b")];
        var directive = new Directive { Class = SchedulingClass.Background, ClassExpiresNs = Now + 10_000_000_000 };
        Assert.True(_node.Scheduler.Directives.TryWrite(_node.Find(hogs[2])!.Key, directive));
        _node.Scheduler.Directives.Publish();
        Pass(400);
        Assert.True(Share(hogs[2], 400) < 0.2);
        Pass(8_500);
        Assert.True(Share(hogs[2], 400) < 0.2);
        Pass(2_000);
        Assert.True(Share(hogs[2], 400) > 0.4);
    }

    [Fact]
    public void A_directive_of_a_cgroup_holds_for_all_below_it_also_for_those_born_later_and_one_of_their_own_goes_before()
    {
        int[] hogs = [Start("a", "/x"), Start("b", "/x"), Start("c", "/pod/one"), Start("d", "/pod/two")];
        var background = new Directive { Class = SchedulingClass.Background, ClassExpiresNs = Now + 60_000_000_000 };
        Assert.True(_node.Scheduler.CgroupDirectives.TryWriteCgroup("/sys/fs/cgroup/pod", background));
        Assert.False(_node.Scheduler.CgroupDirectives.TryWriteCgroup("/sys/fs/cgroup/none", background));
        _node.Scheduler.Directives.TryWrite(_node.Find(hogs[3])!.Key, background with { Class = SchedulingClass.Normal });
        _node.Scheduler.Directives.Publish();
        var later = Start("e", "/pod/one");
        Pass(400);
        Assert.True(Share(hogs[2], 400) < 0.2);
        Assert.True(Share(later, 400) < 0.2);
        Assert.True(Share(hogs[3], 400) > 0.4);
        Assert.True(_node.Scheduler.CgroupDirectives.TryRemoveCgroup("/sys/fs/cgroup/pod"));
        _node.Scheduler.Directives.Publish();
        Assert.True(Share(hogs[2], 400) > 0.3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_task_leaves_CPUs_that_a_hard_set_excludes(bool hard)
    {
        int[] hogs = [Start("a", "/a"), Start("b", "/a"), Start("c", "/a"), Start("d", "/a")];
        Pass(100);
        var set = _node.Scheduler.CpuSets.Define([1], hard);
        foreach (var hog in hogs)
        {
            _node.Scheduler.Directives.TryWrite(_node.Find(hog)!.Key, new Directive { CpuSet = (uint)set, CpusExpiresNs = Now + 1_000_000_000 });
        }

        _node.Scheduler.Directives.Publish();
        Pass(300);
        Check();
        Assert.InRange(Shares(hogs, 400), hard ? 0.95 : 1.95, hard ? 1.05 : 2.05);
        Pass(1000);
        Assert.InRange(Shares(hogs, 400), 1.95, 2.05);
        Check();
    }

    [Fact]
    public void When_the_scheduler_stops_nothing_is_left_and_the_machine_goes_on()
    {
        var task = Start("a", "/a");
        var key = _node.Find(task)!.Key;
        _node.Scheduler.Directives.TryWrite(key, new Directive { Class = SchedulingClass.High, ClassExpiresNs = Now + 1_000_000_000 });
        _node.Scheduler.Directives.Publish();
        _node.Scheduler.Stop();
        Assert.Throws<SchedulerUnavailableException>(() => _node.Scheduler.Directives);
        Assert.False(_node.Scheduler.Snapshot().Attached);
        Assert.True(Share(task, 200) > 0.9);
        _node.Scheduler.Start();
        Assert.False(_node.Scheduler.Directives.TryRead(key, out _));
        Assert.Equal("assist", _node.Scheduler.Snapshot().Mode);
    }

    [Fact]
    public void The_sample_is_the_same_each_time_and_under_contention()
    {
        var readings = Enumerable.Range(0, 2).Select(run =>
        {
            var time = new FakeTimeProvider();
            using var node = SampleNode.Create(time);
            node.Scheduler.Start();
            for (var i = 0; i < 20; i++)
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                _ = node.Scheduler.Snapshot();
            }

            Assert.True(node.Scheduler.Snapshot().Counters["parked"] > 0);
            return node.ReadAll(TaskDetails.Times | TaskDetails.Cgroup).Tasks;
        }).ToList();
        Assert.Equal(readings[0], readings[1]);
        Assert.Contains(readings[0], task => task.Command == "upf" && task.RunNs > 0 && CgroupIdentity.Parse(task.Cgroup).PodUid.Length > 0);
        Assert.Contains(readings[0], task => task.WaitNs > 10_000_000);
    }

    // As the machine's clock gives it; what IntentService writes into directives.
    private ulong Now => (ulong)(_time.GetElapsedTime(startingTimestamp: 0).Ticks * TimeSpan.NanosecondsPerTick);

    private int Start(string command, string cgroup) => _node.Start(new TaskSpec { Comm = command, Behaviour = Behaviours.Spin() }, cgroup);

    private void Pass(int ms)
    {
        _time.Advance(TimeSpan.FromMilliseconds(ms));
        _ = _node.Scheduler.Snapshot();
    }

    private double Share(int pid, int ms) => Shares([pid], ms);

    // Less than half a second: what nobody looks at for longer is left out.
    private double Shares(int[] pids, int ms)
    {
        var before = pids.Sum(pid => _node.Find(pid)!.RunNs);
        Pass(ms);
        return (pids.Sum(pid => _node.Find(pid)!.RunNs) - before) / (ms * 1e6);
    }

    private void Check()
    {
        lock (_node.Gate)
        {
            _node.Kernel.CheckPlaces();
        }
    }
}
