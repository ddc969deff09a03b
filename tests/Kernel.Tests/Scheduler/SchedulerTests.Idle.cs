using System.Globalization;

namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    private const int IdleSeconds = 10;

    [Theory]
    [Measured]
    [InlineData("assist")]
    [InlineData("strict")]
    [InlineData("kernel")]
    public async Task On_an_idle_machine_the_process_uses_less_than_a_hundredth_of_a_CPU(string mode)
    {
        Holder holder = await AttachAsync();
        await holder.AskAsync($"mode {mode}");
        // What follows the start, and the request, is over by then.
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);

        // Threads' CPU time in ns, all of them, and the clock in s, in one go at each end.
        string look = $"cat /proc/{holder.Process.Pid}/task/*/schedstat | awk '{{ ns += $1 }} END {{ printf \"%.0f \", ns }}'; cut -d' ' -f1 /proc/uptime";
        GuestResult looks = (await Guest.ControlAsync($"{look}; sleep {IdleSeconds}; {look}")).Succeeded();

        double[] values = [.. looks.Text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
        double usedNs = values[2] - values[0];
        double passedNs = (values[3] - values[1]) * 1e9;
        Counters counters = await holder.StopAsync();
        Output($"{mode}: {usedNs / 1000:0} us of CPU time in {passedNs / 1e9:0.0} s; {counters}");
        Assert.True(values[0] > 0 && passedNs >= IdleSeconds * 0.9e9, $"not measured: {looks.Text}");
        Assert.True(usedNs < passedNs / 100, $"{mode}: {usedNs / 1e6:0.0} ms of CPU time in {passedNs / 1e9:0.0} s");
    }
}
