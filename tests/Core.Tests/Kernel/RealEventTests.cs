using System.Collections.Concurrent;
using System.Diagnostics;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

/// <summary>This machine's kernel tells of threads, or it is said why it cannot.</summary>
public sealed class RealEventTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_process_is_told_of_from_its_first_program_to_its_end_or_it_is_said_why_not()
    {
        using var events = new TaskEvents();
        var told = new BlockingCollection<TaskEvent>();
        events.Happened += batch =>
        {
            foreach (TaskEvent one in batch.Events)
            {
                told.Add(one);
            }
        };
        events.Want(true);
        events.Start();
        if (!events.Status.IsActive)
        {
            Assert.Matches("EPERM|no type information|the kernel did not", events.Status.Problem);
            return;
        }

        using var process = Process.Start("sleep", "1000");
        TaskEvent executed = Wait(told, TaskEventKind.Exec, process.Id);
        Assert.Equal(new ProcTaskSource().Find(process.Id)!.Key, executed.Task);
        process.Kill();
        process.WaitForExit();
        Assert.Equal(executed.Task, Wait(told, TaskEventKind.Exit, process.Id).Task);
        Assert.Equal(0, events.Status.Lost);
    }

    private static TaskEvent Wait(BlockingCollection<TaskEvent> told, TaskEventKind kind, int pid)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < s_patience)
        {
            if (told.TryTake(out TaskEvent one, s_patience) && one.Kind == kind && one.Task.Tid == pid)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: told after {(MonotonicClock.NowNs - one.AtNs) / 1000} us");
                return one;
            }
        }

        throw new TimeoutException($"{kind} of {pid} was not told of");
    }
}
