using System.Text.Json;

namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private const int Cycles = 30;

    /// <summary>Of resident memory, in KiB, after the heap has given back what it does not use: an unlucky page or two, far below one leaked buffer.</summary>
    private const int MemoryTolerance = 128;

    [Fact]
    public async Task Thirty_attachments_leave_nothing_behind()
    {
        Attached = Cycles;

        JsonElement result = (await Guest.RunAsync($"coxswain-guest cycles --count {Cycles}", s_loadLimit)).Succeeded().Json();

        Output(result.GetRawText());
        Assert.Equal(Cycles, Number(result, "cycles"));
        Assert.Equal(Number(result, "fds_first"), Number(result, "fds_last"));
        Assert.Equal(Number(result, "bpf_maps_first"), Number(result, "bpf_maps_last"));
        Assert.Equal(Number(result, "bpf_programs_first"), Number(result, "bpf_programs_last"));
        long growth = Number(result, "rss_kib_last") - Number(result, "rss_kib_first");
        Assert.True(growth <= MemoryTolerance, $"resident memory grew by {growth} KiB: {result}");
    }

    /// <summary>
    /// The kernel turns tasks into sched_ext's from the eldest to the youngest, before 7.0 in the thread that attaches: behind it
    /// here many, so that it takes a while, and at last those that leave it no CPU, nor the kernel's own threads. (Without
    /// <c>RealTimePriority</c> the guest hangs at once.)
    /// </summary>
    [Fact]
    public async Task Attaching_beside_those_who_never_sleep_comes_to_an_end()
    {
        const int Count = 20;
        Attached = Count;
        long before = await EnableSequenceAsync();
        GuestProcess cycles = await Guest.StartAsync($"exec coxswain-guest cycles --count {Count}");
        await cycles.WaitForAsync($"[ $(cat /sys/kernel/sched_ext/enable_seq) -gt {before} ]");
        Threads many = await Threads.StartManyAsync(Guest, 2000);
        Hogs hogs = await Hogs.StartAsync(Guest, 6);
        Assert.True(await cycles.IsRunningAsync(), await cycles.ErrorAsync());
        Assert.True(await EnableSequenceAsync() <= before + Count - 3, "too late to see anything");

        Output(await cycles.ReadLineAsync(s_loadLimit));

        Assert.Equal(0, await cycles.WaitAsync());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await many.EndAsync();
    }

    [Fact]
    public async Task A_hundred_thousand_wrong_verdicts_are_refused()
    {
        const int Count = 100_000;
        GuestProcess stress = await Guest.StartAsync("exec stress-ng --cpu 4 --fork 2 --switch 2 -t 600");
        Attached = 1;

        GuestResult run = await Guest.RunAsync($"coxswain-guest fuzz --count {Count}", s_loadLimit);

        JsonElement result = run.Json();
        Output(run.Text);
        await stress.KillAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(0, Number(result, "scheduler_errors"));
        Assert.Equal(Count, Number(result, "sent"));
        Assert.Equal(Count, Counter(result, "verdicts"));
        // Some are right in themselves, but for a task that has been answered: the first of these moves it.
        Assert.Equal(Count, Number(result, "refused") + Counter(result, "moved") + Counter(result, "moved_late"));
        Assert.True(Counter(result, "parked") >= Counter(result, "moved") + Counter(result, "moved_late"), run.Text);
        foreach (string refusal in (string[])["refused_gone", "refused_stale", "refused_slice", "refused_cpu", "refused_left"])
        {
            Assert.True(Counter(result, refusal) > 0, $"no {refusal}: {run.Text}");
        }
    }
}
