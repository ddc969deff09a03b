using System.Text.Json;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>Threads with a timetable and a little work each, one per CPU, beside hogs.</summary>
internal sealed class WakeWorkload : Workload
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly Child _wakers;
    private readonly Hogs _hogs;
    private readonly int _wakeups;

    private WakeWorkload(Child wakers, Hogs hogs, int wakeups)
    {
        _wakers = wakers;
        _hogs = hogs;
        _wakeups = wakeups;
    }

    public override IReadOnlyList<Wish> Wishes => [new Wish([_wakers.Pid], Wish.LatencyCritical)];

    public static async Task<Workload> StartAsync(BenchOptions options, int hogsPerCpu)
    {
        Child wakers = Child.Start("cox-wake", "--threads", LineProgram.Text(Environment.ProcessorCount), "--period-us", "10000", "--work-us", "300");
        try
        {
            return new WakeWorkload(wakers, await Hogs.StartAsync(hogsPerCpu * Environment.ProcessorCount), options.IsQuick ? 250 : 600);
        }
        catch
        {
            wakers.Dispose();
            throw;
        }
    }

    public override Task WarmUpAsync() => LineProgram.AskAsync(_wakers, LineProgram.Text(_wakeups / 10), s_limit);

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading before = _hogs.Read();
        JsonElement answer = await LineProgram.AskAsync(_wakers, LineProgram.Text(_wakeups), s_limit);
        HogReading after = _hogs.Read();
        return [.. LineProgram.Percentiles(answer, "wake_us"), new Sample("hog_throughput", "units/s", after.UnitsPerSecondSince(before))];
    }

    public override void Dispose()
    {
        _wakers.Dispose();
        _hogs.Dispose();
    }
}
