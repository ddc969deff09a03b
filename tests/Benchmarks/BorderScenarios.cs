namespace Coxswain.Benchmarks;

/// <summary>Runs <see cref="BorderBenchmarks"/>.</summary>
internal static class BorderScenarios
{
    public const string Read = "ring_read";
    public const string Write = "verdict_write";
    public const string Reference = "reference_queue_border";
    public const string CostPerRecord = "cost_per_record";

    public static IEnumerable<Measurement> Run(bool isQuick) =>
        MicroBenchmark.Run<BorderBenchmarks>(new ThreadCpuClock(), isQuick).Select(result => new Measurement(
            result.Method switch
            {
                nameof(BorderBenchmarks.ReadNotices) => Read,
                nameof(BorderBenchmarks.WriteVerdicts) => Write,
                _ => Reference,
            },
            "none", CostPerRecord, "ns", [.. result.Ns.Select(v => v / BorderBenchmarks.Records)]));
}
