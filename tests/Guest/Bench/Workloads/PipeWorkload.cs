using System.Text.Json;

namespace Coxswain.Guest.Bench;

/// <summary>Two processes that hand a byte to each other.</summary>
internal sealed class PipeWorkload(BenchOptions options) : Workload
{
    private const string WarmupMs = "300";
    private readonly int _seconds = options.IsQuick ? 3 : 5;

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        JsonElement answer = await LineProgram.RunAsync(TimeSpan.FromMinutes(2), "cox-pipe", "--duration", LineProgram.Text(_seconds), "--warmup-ms", WarmupMs);
        return [new Sample("round_trip", "us", answer.GetProperty("seconds").GetDouble() * 1e6 / answer.GetProperty("round_trips").GetInt64())];
    }

    public override void Dispose()
    {
    }
}
