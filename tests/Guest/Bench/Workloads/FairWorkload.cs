using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>Hogs among themselves: how equal equals are, and whether nice values give the shares that the kernel promises.</summary>
internal sealed class FairWorkload : Workload
{
    /// <summary>Weights of nice 0 and nice 5 in the kernel's table (kernel/sched/core.c, sched_prio_to_weight).</summary>
    private const double WeightRatio = 1024.0 / 335;

    private readonly Hogs _first;
    private readonly Hogs _second;
    private readonly int _lowerNice;
    private readonly int _seconds;

    private FairWorkload(Hogs first, Hogs second, int lowerNice, int seconds)
    {
        _first = first;
        _second = second;
        _lowerNice = lowerNice;
        _seconds = seconds;
    }

    public static async Task<Workload> StartAsync(BenchOptions options, int lowerNice)
    {
        Hogs first = await Hogs.StartAsync(2 * Environment.ProcessorCount);
        try
        {
            Hogs second = await Hogs.StartAsync(2 * Environment.ProcessorCount);
            foreach (int pid in second.Pids)
            {
                HandTuning.SetNice(pid, lowerNice);
            }
            return new FairWorkload(first, second, lowerNice, options.IsQuick ? 5 : 15);
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    public override Task WarmUpAsync() => Task.Delay(TimeSpan.FromSeconds(2));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading[] before = [_first.Read(), _second.Read()];
        await Task.Delay(TimeSpan.FromSeconds(_seconds));
        HogReading[] after = [_first.Read(), _second.Read()];
        double[] work = [.. after[0].CpuOfEachSince(before[0]), .. after[1].CpuOfEachSince(before[1])];
        return _lowerNice == 0
            ? [new Sample("spread", "%", 100 * (work.Max() - work.Min()) / work.Average())]
            : [new Sample("ratio_to_weights", "", work.Take(work.Length / 2).Sum() / work.Skip(work.Length / 2).Sum() / WeightRatio)];
    }

    public override void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }
}
