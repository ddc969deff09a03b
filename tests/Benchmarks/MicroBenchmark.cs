using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Coxswain.Benchmarks;

/// <summary>Runs a class of BenchmarkDotNet in this process, by a clock of CPU time.</summary>
internal static class MicroBenchmark
{
    /// <returns>For each benchmark the method, its parameters, and ns of each sample.</returns>
    /// <exception cref="InvalidOperationException">One of them failed.</exception>
    public static IEnumerable<(string Method, BenchmarkCase Benchmark, double[] Ns)> Run<TBenchmarks>(IClock clock, bool isQuick)
    {
        Summary summary = BenchmarkRunner.Run<TBenchmarks>(ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.DontLogOutput)
                .WithClock(clock)
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
            if (report.ResultStatistics is not { } statistics)
            {
                throw new InvalidOperationException($"{report.BenchmarkCase.DisplayInfo} gave no result");
            }

            yield return (method, report.BenchmarkCase, [.. statistics.OriginalValues]);
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
