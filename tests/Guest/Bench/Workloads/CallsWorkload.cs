using System.Diagnostics;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>The chain while a client calls a tool as fast as it is answered, up to 1000 times a second, beside the chain alone.</summary>
internal sealed class CallsWorkload : Workload
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);
    private readonly ChainWorkload _chain;

    private CallsWorkload(ChainWorkload chain) => _chain = chain;

    public override IReadOnlyList<Wish> Wishes => _chain.Wishes;

    public static async Task<Workload> StartAsync(BenchOptions options) => new CallsWorkload(await ChainWorkload.StartAsync(options.IsQuick ? 250 : 600));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        ChainWindow quiet = await _chain.WindowAsync();
        using var end = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        Task<int> calls = CallAsync(running.Agent!, end.Token);
        ChainWindow called = await _chain.WindowAsync();
        await end.CancelAsync();
        double perSecond = await calls / clock.Elapsed.TotalSeconds;
        return
        [
            new Sample("p99", "us", quiet.RoundTripUs.P99), new Sample("p99_called", "us", called.RoundTripUs.P99),
            new Sample("p99_called_ratio", "", called.RoundTripUs.P99 / quiet.RoundTripUs.P99), new Sample("calls", "1/s", perSecond),
        ];
    }

    private static async Task<int> CallAsync(Agent agent, CancellationToken end)
    {
        int calls = 0;
        while (!end.IsCancellationRequested)
        {
            long begin = Stopwatch.GetTimestamp();
            await agent.CallAsync("get_status", []);
            calls++;
            if (s_pause - Stopwatch.GetElapsedTime(begin) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, CancellationToken.None);
            }
        }
        return calls;
    }

    public override void Dispose() => _chain.Dispose();
}
