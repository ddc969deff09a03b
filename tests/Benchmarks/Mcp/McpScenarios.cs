using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>How many calls of get_status the built server answers, and how fast, with the simulated kernel behind it. The callers run on the same machine.</summary>
internal static class McpScenarios
{
    private const string Scheduler = "none";
    private const int Clients = 50;
    private const int CallsPerSecondOfEach = 20;
    private const int InFlight = 16;
    private const int Warmup = 2000;

    /// <param name="program">The built server.</param>
    /// <param name="calls">Path of cox-calls.</param>
    /// <param name="isQuick">Fewer calls.</param>
    public static IEnumerable<Measurement> Run(string program, string calls, bool isQuick)
    {
        if (new[] { program, calls }.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            Console.Error.WriteLine($"bench: no figures of MCP calls: {missing} is not there; `make executables` builds it");
            return [];
        }

        return MeasureAsync(program, calls, isQuick).GetAwaiter().GetResult();
    }

    private static async Task<List<Measurement>> MeasureAsync(string program, string calls, bool isQuick)
    {
        (int repetitions, int callsOfSample, int seconds) = isQuick ? (3, 2000, 1) : (9, 10_000, 5);
        List<Measurement> found = [];
        using (var server = McpServerProcess.Simulate(program))
        {
            await using var client = new LineClient(server.Input, server.Output);
            await CallsPerSecondAsync(client, Warmup, InFlight);
            await AddInFlightAsync("mcp_stdio", client, 1);
            await AddInFlightAsync("mcp_stdio", client, InFlight);
        }

        using var directory = new TemporaryDirectory();
        using var daemon = await McpServerProcess.ServeAsync(program, directory.Path);
        var clients = new CallsProgram(calls, directory.Path);
        await using (var client = await LineClient.ConnectAsync(daemon.SocketPath))
        {
            await CallsPerSecondAsync(client, Warmup, InFlight);
            await AddInFlightAsync("mcp_socket", client, InFlight);
        }

        await AddClientsAsync("mcp_socket", (count, perSecond, duration) => clients.OverSocketAsync(daemon.SocketPath, count, perSecond, duration));
        // HTTP/1.1: the next request follows the answer.
        await AddClientsAsync("mcp_http", (count, perSecond, duration) => clients.OverHttpAsync(daemon.Port, count, perSecond, duration));
        return found;

        async Task AddInFlightAsync(string scenario, LineClient client, int inFlight)
        {
            double[] samples = new double[repetitions];
            for (int i = 0; i < repetitions; i++)
            {
                samples[i] = await CallsPerSecondAsync(client, callsOfSample, inFlight);
            }

            AddRate(string.Create(CultureInfo.InvariantCulture, $"{scenario}_{inFlight}_in_flight"), samples);
        }

        async Task AddClientsAsync(string transport, Func<int, int, int, Task<CallsProgram.Result>> runAsync)
        {
            string scenario = string.Create(CultureInfo.InvariantCulture, $"{transport}_{Clients}_clients");
            List<CallsProgram.Result> one = [], paced = [], unpaced = [];
            await runAsync(Clients, CallsPerSecondOfEach, seconds);
            for (int i = 0; i < repetitions; i++)
            {
                one.Add(await runAsync(1, 0, seconds));
                paced.Add(await runAsync(Clients, CallsPerSecondOfEach, seconds));
                unpaced.Add(await runAsync(Clients, 0, seconds));
            }

            AddRate($"{transport}_1_in_flight", [.. one.Select(sample => sample.PerSecond)]);
            string pacedScenario = string.Create(CultureInfo.InvariantCulture, $"{scenario}_{Clients * CallsPerSecondOfEach}_calls_per_second");
            found.Add(new Measurement(pacedScenario, Scheduler, "latency_p50", "ms", [.. paced.Select(sample => sample.P50Ms)]));
            found.Add(new Measurement(pacedScenario, Scheduler, "latency_p99", "ms", [.. paced.Select(sample => sample.P99Ms)]));
            AddRate($"{scenario}_as_fast_as_they_can", [.. unpaced.Select(sample => sample.PerSecond)]);
        }

        void AddRate(string scenario, double[] samples) => found.Add(new Measurement(scenario, Scheduler, "calls_per_second", "1/s", samples));
    }

    private static async Task<double> CallsPerSecondAsync(LineClient caller, int calls, int inFlight)
    {
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(async _ =>
        {
            for (int i = 0; i < calls / inFlight; i++)
            {
                await caller.CallAsync();
            }
        }));
        return calls / inFlight * inFlight / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
