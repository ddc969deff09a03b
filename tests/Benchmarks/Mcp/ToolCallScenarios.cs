namespace Coxswain.Benchmarks.Mcp;

/// <summary>Runs <see cref="ToolCallBenchmarks"/>, and counts what calls allocate.</summary>
internal static class ToolCallScenarios
{
    public const string Reference = "reference_json";
    public const string CpuPerCall = "cpu_per_call";
    public const string AllocatedPerCall = "allocated_per_call";
    private const double NsPerUs = 1000;

    private static readonly Dictionary<string, string> s_names = new()
    {
        [nameof(ToolCallBenchmarks.Status)] = "call_get_status",
        [nameof(ToolCallBenchmarks.Prioritize)] = "call_prioritize_tasks",
        [nameof(ToolCallBenchmarks.ToolsList)] = "call_tools_list",
        [nameof(ToolCallBenchmarks.Reference)] = Reference,
    };

    /// <summary>Those that are called, as scenarios name them.</summary>
    public static IReadOnlyList<string> Scenarios { get; } = [.. s_names.Values.Where(name => name != Reference)];

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        foreach ((string method, _, double[] ns) in MicroBenchmark.Run<ToolCallBenchmarks>(new ProcessCpuClock(), isQuick))
        {
            yield return new Measurement(s_names[method], "none", CpuPerCall, "us", [.. ns.Select(v => v / NsPerUs)]);
            if (method != nameof(ToolCallBenchmarks.Reference))
            {
                yield return new Measurement(s_names[method], "none", AllocatedPerCall, "bytes", [ToolCallBenchmarks.AllocatedPerCall(method)]);
            }
        }
    }
}
