using System.Globalization;
using System.Text.Json;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>cyclictest as an ordinary task, one thread per CPU, beside two hogs per CPU: how late a timer's thread runs.</summary>
internal sealed class CyclictestWorkload : Workload
{
    private const int LongestUs = 100_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private readonly Hogs _hogs;
    private readonly int _loops;

    private CyclictestWorkload(Hogs hogs, int loops)
    {
        _hogs = hogs;
        _loops = loops;
    }

    public static async Task<Workload> StartAsync(BenchOptions options) =>
        new CyclictestWorkload(await Hogs.StartAsync(2 * Environment.ProcessorCount), options.IsQuick ? 250 : 600);

    public override Task WarmUpAsync() => RunAsync(_loops / 10);

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        SortedDictionary<int, long> lateUs = await RunAsync(_loops);
        return
        [
            new Sample("p50", "us", Percentile(lateUs, 0.5)), new Sample("p99", "us", Percentile(lateUs, 0.99)),
            new Sample("max", "us", Percentile(lateUs, 1)),
        ];
    }

    public override void Dispose() => _hogs.Dispose();

    /// <returns>How often a thread was how late, by whole microseconds; later than is counted is as late as that.</returns>
    private static async Task<SortedDictionary<int, long>> RunAsync(int loops)
    {
        string report = Path.GetTempFileName();
        try
        {
            await Tool.RunAsync(
                s_limit, "cyclictest", "--quiet", "--threads", LineProgram.Text(Environment.ProcessorCount), "--interval=10000", $"--loops={loops}",
                $"--histogram={LongestUs}", "--histfile=/dev/null", $"--json={report}");
            var counts = new SortedDictionary<int, long>();
            foreach (JsonProperty thread in JsonElement.Parse(await File.ReadAllTextAsync(report)).GetProperty("thread").EnumerateObject())
            {
                long within = 0;
                foreach (JsonProperty bucket in thread.Value.GetProperty("histogram").EnumerateObject())
                {
                    Add(counts, int.Parse(bucket.Name, CultureInfo.InvariantCulture), bucket.Value.GetInt64());
                    within += bucket.Value.GetInt64();
                }
                Add(counts, LongestUs, thread.Value.GetProperty("cycles").GetInt64() - within);
            }
            return counts;
        }
        finally
        {
            File.Delete(report);
        }
    }

    private static void Add(SortedDictionary<int, long> counts, int us, long times)
    {
        if (times > 0)
        {
            counts[us] = counts.GetValueOrDefault(us) + times;
        }
    }

    private static double Percentile(SortedDictionary<int, long> counts, double share)
    {
        double wanted = share * counts.Values.Sum();
        long seen = 0;
        foreach ((int us, long times) in counts)
        {
            seen += times;
            if (seen >= wanted)
            {
                return us;
            }
        }
        return LongestUs;
    }
}
