namespace Coxswain.Guest.Bench;

/// <summary>A benchmark that others know, with all CPUs to itself.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="run">Runs it for so many seconds, about.</param>
internal sealed class ToolWorkload(BenchOptions options, Func<int, Task<IReadOnlyList<Sample>>> run) : Workload
{
    private const int WarmupSeconds = 1;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);
    private readonly int _seconds = options.IsQuick ? 3 : 5;

    public override Task WarmUpAsync() => run(WarmupSeconds);

    public override Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running) => run(_seconds);

    public override void Dispose()
    {
    }

    /// <summary>stress-ng: two integer computations per CPU.</summary>
    public static Task<IReadOnlyList<Sample>> StressCpuAsync(int seconds) => StressAsync(
        seconds, ["--cpu", LineProgram.Text(2 * Environment.ProcessorCount), "--cpu-method", "int64"], "bogo-ops-per-second-real-time:", "throughput", "ops/s");

    /// <summary>stress-ng: two processes that wake each other through a pipe, one pair per CPU.</summary>
    public static Task<IReadOnlyList<Sample>> StressSwitchAsync(int seconds) => StressAsync(
        seconds, ["--switch", LineProgram.Text(Environment.ProcessorCount)], "bogo-ops-per-second-real-time:", "switches", "1/s");

    /// <summary>sysbench: prime numbers, two threads per CPU.</summary>
    public static async Task<IReadOnlyList<Sample>> SysbenchCpuAsync(int seconds) =>
        [new Sample("throughput", "1/s", Tool.Number(await SysbenchAsync(seconds, "cpu", 2 * Environment.ProcessorCount), "events per second:"))];

    /// <summary>sysbench: threads that yield between locking and unlocking mutexes that they share, eight per CPU.</summary>
    public static async Task<IReadOnlyList<Sample>> SysbenchThreadsAsync(int seconds)
    {
        string output = await SysbenchAsync(seconds, "threads", 8 * Environment.ProcessorCount);
        return
        [
            new Sample("throughput", "1/s", Tool.Number(output, "total number of events:") / Tool.Number(output, "total time:")),
            new Sample("p95", "ms", Tool.Number(output, "95th percentile:")),
        ];
    }

    /// <summary>perf bench: two processes that hand a byte to each other.</summary>
    public static async Task<IReadOnlyList<Sample>> PerfPipeAsync(int seconds)
    {
        int loops = 10_000 * seconds;
        string output = await Tool.RunAsync(s_limit, "perf", "bench", "-f", "simple", "sched", "pipe", "-l", LineProgram.Text(loops));
        return [new Sample("there_and_back", "us", Tool.Number(output, "") * 1e6 / loops)];
    }

    /// <summary>perf bench: what hackbench does.</summary>
    public static async Task<IReadOnlyList<Sample>> PerfMessagingAsync(int seconds)
    {
        string output = await Tool.RunAsync(s_limit, "perf", "bench", "-f", "simple", "sched", "messaging", "-g", "2", "-l", LineProgram.Text(50 * seconds));
        return [new Sample("time", "s", Tool.Number(output, ""))];
    }

    private static Task<string> SysbenchAsync(int seconds, string test, int threads) =>
        Tool.RunAsync(s_limit, "sysbench", test, $"--threads={threads}", $"--time={seconds}", "run");

    private static async Task<IReadOnlyList<Sample>> StressAsync(int seconds, string[] stressors, string what, string metric, string unit)
    {
        string report = Path.GetTempFileName();
        try
        {
            await Tool.RunAsync(s_limit, "stress-ng", [.. stressors, "--timeout", LineProgram.Text(seconds), "--metrics-brief", "--yaml", report]);
            return [new Sample(metric, unit, Tool.Number(await File.ReadAllTextAsync(report), what))];
        }
        finally
        {
            File.Delete(report);
        }
    }
}
