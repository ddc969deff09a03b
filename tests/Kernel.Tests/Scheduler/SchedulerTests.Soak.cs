namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private const int SoakRounds = 4;

    [Fact]
    [Measured]
    public async Task Half_a_minute_of_everything_at_once_leaves_it_as_it_was()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 3);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "soak");
        GuestProcess stress = await Guest.StartAsync("exec stress-ng --cpu 1 --fork 1 --switch 1 --vm 1 --vm-bytes 16M -t 600");
        GuestProcess storm = await Guest.StartAsync("exec cox-storm --affinity-storm --nice-storm --exit-storm --tasks 2000 --duration 30 --lost-after 30");
        int before = 0;

        for (int i = 0; i < SoakRounds; i++)
        {
            await holder.Process.SignalAsync("STOP");
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            await holder.Process.SignalAsync("CONT");
            (await Guest.ControlAsync("echo 0 >/sys/devices/system/cpu/cpu1/online; usleep 300000; echo 1 >/sys/devices/system/cpu/cpu1/online")).Succeeded();
            foreach (string change in (string[])["mode strict", "policy fifo", "mode assist", $"cgroup {cgroup.Path} low", "lease 0", "policy deadline", "lease 2000", $"cgroup {cgroup.Path} none"])
            {
                await holder.AskAsync(change);
            }

            await hogs.AllProgressAsync(TimeSpan.FromSeconds(4));
            await holder.CheckAsync();
            // After the first round its caches and pools have their size.
            before = i == 0 ? await ResidentKibAsync(holder) : before;
        }

        int after = await ResidentKibAsync(holder);
        Assert.True(await stress.IsRunningAsync(), await stress.ErrorAsync());
        await stress.KillAsync();
        Assert.True(await storm.WaitAsync(s_loadLimit) == 0, await storm.OutputAsync());
        Output($"resident memory {before} KiB after the first round, {after} KiB at the end; {await holder.StopAsync()}");
        Assert.True(after - before <= 2 * MemoryTolerance, $"resident memory grew from {before} to {after} KiB");
    }

    /// <summary>What stays: the answers to requests are garbage, which the runtime keeps until it has enough of it.</summary>
    private async Task<int> ResidentKibAsync(Holder holder)
    {
        await holder.AskAsync("collect");
        GuestResult status = (await Guest.ControlAsync($"grep VmRSS /proc/{holder.Process.Pid}/status")).Succeeded();
        return int.Parse(status.LastLine.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture);
    }
}
