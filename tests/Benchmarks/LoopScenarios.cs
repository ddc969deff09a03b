using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Coxswain.Benchmarks;

/// <summary>Runs <see cref="LoopBenchmarks"/> and makes measurements per task of it.</summary>
internal static class LoopScenarios
{
    public const string CostPerTask = "cost_per_task";
    public const string AllocatedPerTask = "allocated_per_task";

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        Summary summary = BenchmarkRunner.Run<LoopBenchmarks>(ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.DontLogOutput)
                .WithClock(new ThreadCpuClock())
                .WithEvaluateOverhead(false)
                .WithWarmupCount(isQuick ? 3 : 6)
                .WithIterationCount(isQuick ? 7 : 25)
                .WithIterationTime(TimeInterval.FromMilliseconds(isQuick ? 60 : 200)))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "coxswain-bench"))
            .AddLogger(new ConsoleLoggerToError()));
        foreach (BenchmarkReport report in summary.Reports)
        {
            string method = report.BenchmarkCase.Descriptor.WorkloadMethod.Name;
            int waiting = (int)report.BenchmarkCase.Parameters[nameof(LoopBenchmarks.Waiting)];
            if (report.ResultStatistics is not { } statistics)
            {
                throw new InvalidOperationException($"{method} with {waiting} tasks gave no result");
            }
            string scheduler = method switch
            {
                nameof(LoopBenchmarks.Reference) => "none",
                nameof(LoopBenchmarks.OwnPolicy) => "coxswain_own_policy",
                _ => $"coxswain_{method.ToLowerInvariant()}",
            };
            string scenario = method == nameof(LoopBenchmarks.Reference) ? $"reference_queue_{waiting}" : $"loop_{waiting}_waiting";
            yield return new Measurement(scenario, scheduler, CostPerTask, "ns", [.. statistics.OriginalValues.Select(v => v / waiting)]);
            if (scheduler != "none")
            {
                yield return new Measurement(scenario, scheduler, AllocatedPerTask, "bytes", [LoopBenchmarks.AllocatedPerTask(method, waiting)]);
            }
        }
    }

    /// <summary>Standard output is for the table at the end.</summary>
    private sealed class ConsoleLoggerToError : ILogger
    {
        public string Id => nameof(ConsoleLoggerToError);

        public int Priority => 0;

        public void Write(LogKind logKind, string text)
        {
            if (logKind == LogKind.Error && !text.StartsWith("//", StringComparison.Ordinal))
            {
                Console.Error.Write(text);
            }
        }

        public void WriteLine() { }

        public void WriteLine(LogKind logKind, string text) => Write(logKind, text + Environment.NewLine);

        public void Flush()
        {
        }
    }
}
