using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>
/// What is executed for each switch and wake-up of two threads that do nothing else, by the number of instructions, so that it is almost
/// the same in each run. <c>SchedulerTests</c> has the same by time, for which the host must be idle.
/// </summary>
public abstract class ObserverCostTests(IBootedKernel kernel)
{
    /// <summary>Doctor's, which also says whether the scheduler can run here.</summary>
    protected abstract int ExitCode { get; }

    [Fact]
    public async Task Doctor_measures_that_the_observer_costs_little_and_keeps_it_loaded_no_longer()
    {
        GuestResult result = await kernel.Guest.RunAsync("coxswain doctor --measure --json");

        TestContext.Current.TestOutputHelper?.WriteLine(result.Text);
        Assert.Equal(ExitCode, result.ExitCode);
        JsonElement cost = JsonElement.Parse(result.Text).GetProperty("observer_cost");
        Assert.True(cost.GetProperty("measured").GetBoolean(), result.Text);
        double ratio = cost.GetProperty("cpu_time_ratio").GetDouble();
        Assert.InRange(ratio, cost.GetProperty("cpu_time_ratio_low").GetDouble(), cost.GetProperty("cpu_time_ratio_high").GetDouble());
        // Were it less than this, it would not have been on.
        Assert.InRange(ratio, 1.02, 1.10);
        Assert.True(cost.GetProperty("switch_without_ns").GetDouble() > 100, result.Text);
        Assert.True(cost.GetProperty("roll_up_ms").GetDouble() > 0 && cost.GetProperty("threads").GetInt32() > 1, result.Text);
        // The kernel takes the maps away some time after the process.
        GuestResult left = await kernel.Guest.ControlAsync("for i in $(seq 20); do coxswain-guest observed || exit 0; usleep 100000; done; exit 1");
        Assert.True(left.ExitCode == 0, left.ToString());
        Assert.Contains("no observer is on", left.ErrorText, StringComparison.Ordinal);
    }
}

[RunsOn("newest", CountsInstructions = true)]
public sealed class NewestObserverCostTests(BootedKernel<NewestObserverCostTests> kernel)
    : ObserverCostTests(kernel), IClassFixture<BootedKernel<NewestObserverCostTests>>
{
    protected override int ExitCode => 0;
}

/// <summary>A kernel without sched_ext, whose switches are the cheapest of all: the observer shows most there.</summary>
[RunsOn("6.1", CountsInstructions = true, Always = true)]
public sealed class OldObserverCostTests(BootedKernel<OldObserverCostTests> kernel)
    : ObserverCostTests(kernel), IClassFixture<BootedKernel<OldObserverCostTests>>
{
    protected override int ExitCode => 1;
}
