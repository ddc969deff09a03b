using System.Diagnostics;
using System.Text.Json;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>From the call of a tool to its effect: the built server answers when it has read the directives back from the kernel, here the simulated one.</summary>
internal static class EffectScenarios
{
    public const string Scenario = "call_to_effect_simulated";
    public const string P99 = "prioritize_p99";

    private const string Scheduler = "none";
    private const string P50 = "prioritize_p50";
    private const int Warmup = 300;

    // Made to be asked for much more than that an operator would allow.
    private const string Configuration = "[limits]\nmax_changes_per_minute = 10000\n";

    /// <param name="program">The built server.</param>
    /// <param name="isQuick">Fewer calls.</param>
    public static IEnumerable<Measurement> Run(string program, bool isQuick)
    {
        if (!File.Exists(program))
        {
            Console.Error.WriteLine($"bench: no figures of a call's effect: {program} is not there; `make executables` builds it");
            return [];
        }

        return MeasureAsync(program, isQuick ? (5, 200) : (15, 500)).GetAwaiter().GetResult();
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(string program, (int Repetitions, int Calls) size)
    {
        using var directory = new TemporaryDirectory();
        string configuration = Path.Combine(directory.Path, "config.toml");
        await File.WriteAllTextAsync(configuration, Configuration);
        using var server = McpServerProcess.Simulate(program, "--config", configuration);
        await using var client = new LineClient(server.Input, server.Output);
        double[] p50 = new double[size.Repetitions], p99 = new double[size.Repetitions], revert = new double[size.Repetitions];
        await SampleAsync(client, Warmup);
        for (int i = 0; i < size.Repetitions; i++)
        {
            (double[] prioritized, double[] reverted) = await SampleAsync(client, size.Calls);
            (p50[i], p99[i], revert[i]) = (Quantile(prioritized, 0.5), Quantile(prioritized, 0.99), Quantile(reverted, 0.99));
        }

        return
        [
            new Measurement(Scenario, Scheduler, P50, "ms", p50),
            new Measurement(Scenario, Scheduler, P99, "ms", p99),
            new Measurement(Scenario, Scheduler, "revert_p99", "ms", revert),
        ];
    }

    private static async Task<(double[] PrioritizedMs, double[] RevertedMs)> SampleAsync(LineClient client, int calls)
    {
        double[] prioritized = new double[calls], reverted = new double[calls];
        for (int i = 0; i < calls; i++)
        {
            long started = Stopwatch.GetTimestamp();
            JsonElement change = await CallAsync(client, "prioritize_tasks", "{\"command\":\"nginx\",\"class\":\"high\"}");
            prioritized[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Require(change.GetProperty("visible_in_kernel").GetBoolean() && change.GetProperty("applied").GetInt32() > 0, change);
            started = Stopwatch.GetTimestamp();
            JsonElement end = await CallAsync(client, "revert", $"{{\"change_ids\":[\"{change.GetProperty("change_id").GetString()}\"]}}");
            reverted[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Require(end.GetProperty("gone_from_kernel").GetBoolean(), end);
        }

        return (prioritized, reverted);
    }

    private static async Task<JsonElement> CallAsync(LineClient client, string tool, string arguments)
    {
        JsonElement answer = JsonElement.Parse(await client.AskAsync(id => ToolCall.Of(id, tool, arguments)));
        return answer.GetProperty("result").TryGetProperty("structuredContent", out JsonElement result)
            ? result
            : throw new InvalidOperationException($"{tool} answered {answer}");
    }

    private static void Require(bool holds, JsonElement answer)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"it is not in the kernel: {answer}");
        }
    }

    private static double Quantile(double[] samples, double share) => samples.Order().ElementAt((int)(share * (samples.Length - 1)));
}
