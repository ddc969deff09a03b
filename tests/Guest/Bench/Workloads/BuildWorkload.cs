using System.Text.Json;

namespace Coxswain.Guest.Bench;

/// <summary>A storm of short processes, as a compiler run, beside one interactive task.</summary>
internal sealed class BuildWorkload : Workload
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private readonly Child _interactive;
    private readonly int _units;

    private BuildWorkload(Child interactive, int units)
    {
        _interactive = interactive;
        _units = units;
    }

    public override IReadOnlyList<Wish> Wishes => [new Wish([_interactive.Pid], Wish.LatencyCritical)];

    public static Task<Workload> StartAsync(BenchOptions options) => Task.FromResult<Workload>(new BuildWorkload(
        Child.Start("cox-wake", "--name", "editor", "--period-us", "20000", "--work-us", "500"), options.IsQuick ? 200 : 600));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        using Child build = StartBuild(_units);
        // About as long as the build takes; what is left of the longer one runs alone.
        Task<JsonElement> interactive = LineProgram.AskAsync(_interactive, LineProgram.Text(150), s_limit);
        JsonElement built = await LineProgram.ReadAsync(build, s_limit);
        if (built.GetProperty("lost").GetInt64() != 0)
        {
            throw new GuestException($"units of the build failed: {built}");
        }
        return [new Sample("time", "s", built.GetProperty("seconds").GetDouble()), .. LineProgram.Percentiles(await interactive, "wake_us")];
    }

    /// <summary>A small build: the programs that it starts are then in memory.</summary>
    public override async Task WarmUpAsync()
    {
        using Child build = StartBuild(_units / 10);
        Task<JsonElement> interactive = LineProgram.AskAsync(_interactive, LineProgram.Text(15), s_limit);
        await LineProgram.ReadAsync(build, s_limit);
        await interactive;
    }

    private static Child StartBuild(int units) =>
        Child.Start("cox-build", "--jobs", LineProgram.Text(2 * Environment.ProcessorCount), "--units", LineProgram.Text(units), "--work-us", "10000");

    public override void Dispose() => _interactive.Dispose();
}
