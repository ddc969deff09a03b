using System.Text.Json;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>The chain while the process that has our core makes garbage and collects it, blocking, beside the chain before.</summary>
internal sealed class GarbageWorkload : Workload
{
    private readonly ChainWorkload _chain;

    private GarbageWorkload(ChainWorkload chain) => _chain = chain;

    public override IReadOnlyList<Wish> Wishes => _chain.Wishes;

    public static async Task<Workload> StartAsync(BenchOptions options) => new GarbageWorkload(await ChainWorkload.StartAsync(options.IsQuick ? 250 : 600));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        ChainWindow quiet = await _chain.WindowAsync();
        await CoreContender.AskAsync(running.Core!, "garbage start");
        ChainWindow stormy = await _chain.WindowAsync();
        JsonElement garbage = (await CoreContender.AskAsync(running.Core!, "garbage stop")).GetProperty("garbage");
        double seconds = garbage.GetProperty("seconds").GetDouble();
        return
        [
            new Sample("p99", "us", quiet.RoundTripUs.P99), new Sample("p99_garbage", "us", stormy.RoundTripUs.P99),
            new Sample("p99_garbage_ratio", "", stormy.RoundTripUs.P99 / quiet.RoundTripUs.P99),
            new Sample("garbage", "MB/s", garbage.GetProperty("allocated_mb").GetDouble() / seconds),
            new Sample("collections", "1/s", garbage.GetProperty("blocking_collections").GetDouble() / seconds),
            new Sample("paused", "%", garbage.GetProperty("paused_ms").GetDouble() / seconds / 10),
        ];
    }

    public override void Dispose() => _chain.Dispose();
}
