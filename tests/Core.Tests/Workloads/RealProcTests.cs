using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Workloads;

public sealed class RealProcTests
{
    private readonly ProcTaskSource _source = new();

    [Fact]
    public void This_process_and_its_threads_are_found()
    {
        using var release = new ManualResetEventSlim();
        var thread = new Thread(release.Wait) { Name = "cox (test)" };
        thread.Start();

        var own = _source.ReadProcess(Environment.ProcessId, TaskDetails.Times | TaskDetails.Cgroup).Tasks;
        release.Set();
        thread.Join();

        Assert.Contains(own, task => task.IsLeader);
        Assert.Contains(own, task => task.Command == "cox (test)");
        Assert.All(own, task => Assert.Equal(Environment.ProcessId, task.ProcessId));
        Assert.True(own.Sum(task => task.RunNs) > 0);
        Assert.StartsWith("/", own[0].Cgroup, StringComparison.Ordinal);
    }

    [Fact]
    public void Program_and_command_line_are_read_on_request_only()
    {
        var with = _source.ReadProcess(Environment.ProcessId, TaskDetails.Executable | TaskDetails.CommandLine).Tasks;
        Assert.All(with, task => Assert.Equal(Environment.ProcessPath, task.Executable));
        Assert.All(with, task => Assert.Contains("Coxswain.Core.Tests", task.CommandLine, StringComparison.Ordinal));
        Assert.All(_source.ReadProcess(Environment.ProcessId, TaskDetails.None).Tasks, task => Assert.Equal("", task.Executable + task.CommandLine));
    }

    [Fact]
    public void A_reading_of_the_whole_machine_holds_this_process_and_the_first()
    {
        var reading = _source.ReadAll(TaskDetails.None);
        Assert.Contains(reading.Tasks, task => task.Key.Tid == Environment.ProcessId);
        Assert.Contains(reading.Tasks, task => task.Key.Tid == 1);
        Assert.Equal(reading.Tasks.Count, reading.Tasks.Select(task => task.Key).Distinct().Count());
    }

    [Fact]
    public void Threads_that_come_and_go_meanwhile_do_no_harm()
    {
        using var stop = new CancellationTokenSource();
        var churn = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var thread = new Thread(() => { });
                thread.Start();
                thread.Join();
            }
        });
        churn.Start();
        for (var i = 0; i < 50; i++)
        {
            Assert.NotEmpty(_source.ReadProcess(Environment.ProcessId, TaskDetails.Times).Tasks);
        }

        stop.Cancel();
        churn.Join();
    }

    [Fact]
    public void An_id_that_nobody_has_is_not_found() => Assert.Null(_source.Find(int.MaxValue));
}
