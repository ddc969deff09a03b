using System.Globalization;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>The chain while our user space is stopped, beside the chain while it is there.</summary>
internal sealed class StoppedWorkload : Workload
{
    private readonly ChainWorkload _chain;
    private int _stalled;

    private StoppedWorkload(ChainWorkload chain) => _chain = chain;

    public override IReadOnlyList<Wish> Wishes => _chain.Wishes;

    public override int Stalled => _stalled;

    // 20 ms each: 12 s.
    public static async Task<Workload> StartAsync(BenchOptions options) => new StoppedWorkload(await ChainWorkload.StartAsync(options.IsQuick ? 250 : 600));

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        ChainWindow there = await _chain.WindowAsync();
        int server = ServerPid();
        HandTuning.Signal(server, HandTuning.Stop);
        try
        {
            HogReading before = _chain.ReadHogs();
            ChainWindow stopped = await _chain.WindowAsync();
            // The watchdog takes up to one and a half times its time to notice, which may be longer than this.
            _stalled = _chain.ReadHogs().CpuOfEachSince(before).Count(ns => ns == 0);
            return
            [
                new Sample("p99", "us", there.RoundTripUs.P99), new Sample("p99_stopped", "us", stopped.RoundTripUs.P99),
                new Sample("p99_stopped_ratio", "", stopped.RoundTripUs.P99 / there.RoundTripUs.P99),
            ];
        }
        finally
        {
            HandTuning.Signal(server, HandTuning.Continue);
        }
    }

    /// <summary>Our child that is the server.</summary>
    private static int ServerPid()
    {
        string self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        foreach (string children in Directory.EnumerateDirectories($"/proc/{self}/task").Select(task => File.ReadAllText($"{task}/children")))
        {
            foreach (string child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (File.ReadAllText($"/proc/{child}/comm").Trim() == "coxswain")
                {
                    return int.Parse(child, CultureInfo.InvariantCulture);
                }
            }
        }
        throw new GuestException("the server is not among our children");
    }

    public override void Dispose() => _chain.Dispose();
}
