using System.Text;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Workloads;

public sealed class ProcTaskSourceTests : IDisposable
{
    private readonly FakeProc _proc = new();
    private readonly ProcTaskSource _source;

    public ProcTaskSourceTests() => _source = new ProcTaskSource(_proc.Root);

    public void Dispose() => _proc.Dispose();

    [Fact]
    public void All_threads_of_all_processes_are_read()
    {
        _proc.Start(20, "upf", startTicks: 500);
        _proc.AddThread(20, 21, "rx-worker", startTicks: 501);
        _proc.Start(3, "sh");

        var reading = _source.ReadAll(TaskDetails.None);

        Assert.Equal([3, 20, 21], reading.Tasks.Select(task => task.Key.Tid));
        Assert.False(reading.Truncated);
        var worker = reading.Tasks[2];
        Assert.Equal((new TaskKey(21, 501), new TaskKey(20, 500)), (worker.Key, worker.Process));
        Assert.Equal(("rx-worker", "upf", false), (worker.Command, worker.ProcessCommand, worker.IsLeader));
    }

    [Fact]
    public void Times_come_from_schedstat_when_asked_for()
    {
        _proc.Start(3, "sh");

        var plain = _source.ReadProcess(3, TaskDetails.None).Tasks[0];
        var timed = _source.ReadProcess(3, TaskDetails.Times).Tasks[0];

        Assert.Equal((0L, 0L, 0L), (plain.RunNs, plain.WaitNs, plain.RunCount));
        Assert.Equal((5_000_000L, 7_000_000L, 42L), (timed.RunNs, timed.WaitNs, timed.RunCount));
    }

    [Fact]
    public void Without_schedstat_the_run_time_is_that_of_stat()
    {
        _proc.Start(3, "sh");
        _proc.Remove("3/task/3/schedstat");
        Assert.Equal(50_000_000L, _source.ReadProcess(3, TaskDetails.Times).Tasks[0].RunNs);
    }

    [Fact]
    public void The_cgroup_is_the_one_of_the_unified_hierarchy()
    {
        _proc.Start(3, "sh", cgroup: "/user.slice/session.scope");
        Assert.Equal("/user.slice/session.scope", _source.ReadProcess(3, TaskDetails.Cgroup).Tasks[0].Cgroup);
        Assert.Equal("/user.slice/session.scope", _source.ReadCgroup(_source.Find(3)!));
    }

    [Fact]
    public void A_thread_that_does_not_lead_is_found_by_its_id()
    {
        _proc.Start(20, "upf");
        _proc.AddThread(20, 21, "rx-worker");
        Assert.Equal((20, "rx-worker"), (_source.Find(21)!.ProcessId, _source.Find(21)!.Command));
        Assert.True(_source.Find(20)!.IsLeader);
        Assert.Null(_source.Find(22));
    }

    [Fact]
    public void What_vanishes_while_it_is_read_is_left_out()
    {
        _proc.Start(20, "upf");
        _proc.AddThread(20, 21, "going");
        _proc.AddThread(20, 22, "staying");
        _proc.Remove("20/task/21/stat");
        _proc.Start(30, "gone");
        _proc.Remove("30/task");
        _proc.Start(40, "half");
        _proc.Write(40, 40, "stat", "40 (half) S 1");

        Assert.Equal([20, 22], _source.ReadAll(TaskDetails.None).Tasks.Select(task => task.Key.Tid));
    }

    [Fact]
    public void Names_are_cleaned()
    {
        _proc.Start(3, "sh");
        _proc.Write(3, 3, "stat", Encoding.UTF8.GetBytes(FakeProc.Stat(3, "e\u001bvil\u202E", 1)));
        Assert.Equal("evil", _source.Find(3)!.Command);
    }

    [Fact]
    public void Other_entries_of_proc_are_no_processes()
    {
        _proc.Start(3, "sh");
        Directory.CreateDirectory(Path.Combine(_proc.Root, "sys"));
        File.WriteAllText(Path.Combine(_proc.Root, "uptime"), "1 1");
        Assert.Single(_source.ReadAll(TaskDetails.None).Tasks);
    }

    [Fact]
    public void An_unreadable_proc_is_an_error() =>
        Assert.ThrowsAny<IOException>(() => new ProcTaskSource(_proc.Root + "-none").ReadAll(TaskDetails.None));
}
