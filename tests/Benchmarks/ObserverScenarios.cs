using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Testing;

namespace Coxswain.Benchmarks;

/// <summary>What it takes to collect, each second, what all threads of a crowded machine did; the table is in memory, as the kernel's is.</summary>
internal static class ObserverScenarios
{
    private const int Threads = 20_000;

    // Until everything is compiled for good; then half a minute, which has everything in it that does not happen each second.
    private const int WarmUpSeconds = 45;
    private const int QuickSeconds = 31;
    private const int Seconds = 121;

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        using var table = new CrowdedTable(Threads);
        var history = new ObservationHistory(static tid => $"/pod-{(tid - CrowdedTable.FirstTid) / CrowdedTable.ThreadsPerCgroup}", static _ => "");
        var milliseconds = new List<double>();
        for (int second = 1; second <= WarmUpSeconds + (isQuick ? QuickSeconds : Seconds); second++)
        {
            table.PassSecond();
            long before = ThreadClock.NowNs;
            table.Collect(history);
            history.EndSecond();
            if (second > WarmUpSeconds)
            {
                milliseconds.Add((ThreadClock.NowNs - before) / 1e6);
            }
        }

        string scenario = $"observer_{Threads}_threads";
        return
        [
            new Measurement(scenario, "none", "roll_up", "ms", [.. milliseconds]),
            new Measurement(scenario, "none", "longest_roll_up", "ms", [milliseconds.Max()]),
        ];
    }
}
