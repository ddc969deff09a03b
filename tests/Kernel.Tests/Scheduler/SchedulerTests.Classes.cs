namespace Coxswain.Kernel.Tests;

/// <summary>A class means the same in every mode.</summary>
public abstract partial class SchedulerTests
{
    [Theory]
    [Measured]
    [InlineData("assist")]
    [InlineData("kernel")]
    [InlineData("strict")]
    public async Task Low_is_a_quarter_of_the_share_in_every_mode(string mode)
    {
        Holder holder = await AttachAsync();
        await holder.AskAsync($"mode {mode}");
        Hogs usual = await Hogs.StartAsync(Guest, 4);
        Hogs low = await Hogs.StartAsync(Guest, 4);
        foreach (string pid in await low.PidsAsync())
        {
            await holder.AskAsync($"task {pid} low");
        }

        long[] work = await WarmWorkAsync(usual, low);

        double ratio = (double)work[..4].Sum() / work[4..].Sum();
        Output($"{ratio:F2}: {string.Join(' ', work)}");
        await holder.StopAsync();
        Assert.InRange(ratio, 4 * 0.75, 4 * 1.25);
    }
}
