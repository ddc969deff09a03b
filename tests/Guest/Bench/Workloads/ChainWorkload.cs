using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>The customer's case: packets through a user plane beside two hogs per CPU.</summary>
internal sealed class ChainWorkload : Workload
{
    private const int PeriodUs = 20_000;
    private const int Warmup = 25;
    private readonly ServiceChain _chain;
    private readonly Hogs _hogs;
    private readonly int _samples;

    private ChainWorkload(ServiceChain chain, Hogs hogs, int samples)
    {
        _chain = chain;
        _hogs = hogs;
        _samples = samples;
    }

    public override IReadOnlyList<Wish> Wishes => [new Wish([.. _chain.Pids], Wish.LatencyCritical)];

    public static async Task<Workload> StartAsync(BenchOptions options) => await StartAsync(options.IsQuick ? 250 : 600);

    public static async Task<ChainWorkload> StartAsync(int samples)
    {
        ServiceChain chain = await ServiceChain.StartAsync(PeriodUs);
        try
        {
            return new ChainWorkload(chain, await Hogs.StartAsync(2 * Environment.ProcessorCount), samples);
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading before = _hogs.Read();
        ChainWindow window = await WindowAsync();
        HogReading after = _hogs.Read();
        Distribution trip = window.RoundTripUs;
        return
        [
            new Sample("p50", "us", trip.P50), new Sample("p99", "us", trip.P99), new Sample("p999", "us", trip.P999), new Sample("max", "us", trip.Max),
            new Sample("hog_throughput", "units/s", after.UnitsPerSecondSince(before)),
        ];
    }

    /// <summary>What the hogs have done by now.</summary>
    public HogReading ReadHogs() => _hogs.Read();

    /// <summary>One window of round trips.</summary>
    public async Task<ChainWindow> WindowAsync()
    {
        ChainWindow window = await _chain.MeasureAsync(_samples, Warmup);
        return window.Lost < window.Samples ? window : throw new GuestException("not one packet came back through the chain");
    }

    public override void Dispose()
    {
        _chain.Dispose();
        _hogs.Dispose();
    }
}
