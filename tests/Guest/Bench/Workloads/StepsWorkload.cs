using System.Text.Json;
using Coxswain.Core.Kernel;

namespace Coxswain.Guest.Bench;

/// <summary>What the round trip through user space consists of, while hackbench runs: until the notice is read, until its verdict is written, until that is applied.</summary>
internal sealed class StepsWorkload : Workload
{
    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        await CoreContender.AskAsync(running.Core!, "steps"); // those of the warm-up are over with this
        await HackbenchWorkload.RunAsync(HackbenchWorkload.Loops);
        JsonElement steps = (await CoreContender.AskAsync(running.Core!, "steps")).GetProperty("steps_us");
        return [.. steps.EnumerateObject().SelectMany(step => VerdictTimes.Percentiles(step.Name, Times(step.Value)))];
    }

    public override Task WarmUpAsync() => HackbenchWorkload.RunAsync(HackbenchWorkload.WarmupLoops);

    public override void Dispose()
    {
    }

    private static RoundTrip Times(JsonElement step) => new(
        step.GetProperty("count").GetInt64(), step.GetProperty("p50").GetDouble(), step.GetProperty("p90").GetDouble(), step.GetProperty("p99").GetDouble(),
        step.GetProperty("max").GetDouble());
}
