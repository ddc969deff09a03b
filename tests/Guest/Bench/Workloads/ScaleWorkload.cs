using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>What is left of the CPUs for work when many tasks want them: the rest is the scheduler's.</summary>
internal sealed class ScaleWorkload : Workload
{
    private readonly Hogs _hogs;
    private readonly int _seconds;

    private ScaleWorkload(Hogs hogs, int seconds)
    {
        _hogs = hogs;
        _seconds = seconds;
    }

    public static async Task<Workload> StartAsync(BenchOptions options, int tasks) =>
        new ScaleWorkload(await Hogs.StartThreadsAsync(tasks), options.IsQuick ? 5 : 10);

    public override Task WarmUpAsync() => Task.Delay(TimeSpan.FromSeconds(2));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading before = _hogs.ReadUnits();
        await Task.Delay(TimeSpan.FromSeconds(_seconds));
        HogReading after = _hogs.ReadUnits();
        return [new Sample("throughput", "units/s", after.UnitsPerSecondSince(before))];
    }

    public override void Dispose() => _hogs.Dispose();
}
