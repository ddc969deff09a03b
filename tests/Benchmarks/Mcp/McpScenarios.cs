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
    /// <param name="isQuick">Fewer calls.</param>
    public static IEnumerable<Measurement> Run(string program, bool isQuick)
    {
        if (!File.Exists(program))
        {
            Console.Error.WriteLine($"bench: no figures of MCP calls: {program} is not there; `make build` builds it");
            return [];
        }

        return MeasureAsync(program, isQuick).GetAwaiter().GetResult();
    }

    private static async Task<List<Measurement>> MeasureAsync(string program, bool isQuick)
    {
        (int repetitions, int calls) = isQuick ? (3, 2000) : (9, 10_000);
        List<Measurement> found = [];
        using (var server = new McpServerProcess(program, "mcp", "--simulate", "--socket", "/nonexistent"))
        {
            await using var client = new LineClient(server.Input, server.Output);
            await AddConnectionAsync("mcp_stdio", client, InFlight);
        }

        using var directory = new TemporaryDirectory();
        using (var daemon = await McpServerProcess.ServeAsync(program, directory.Path))
        {
            await using (var client = await LineClient.ConnectAsync(daemon.SocketPath))
            {
                await AddConnectionAsync("mcp_socket", client, InFlight);
            }

            using (var client = new HttpCaller(daemon.Port))
            {
                // HTTP/1.1: the next request follows the answer.
                await AddConnectionAsync("mcp_http", client, 1);
            }

            LineClient[] connected = [.. await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => LineClient.ConnectAsync(daemon.SocketPath)))];
            await AddClientsAsync("mcp_socket", connected);
            foreach (LineClient client in connected)
            {
                await client.DisposeAsync();
            }

            HttpCaller[] callers = [.. Enumerable.Range(0, Clients).Select(_ => new HttpCaller(daemon.Port))];
            await AddClientsAsync("mcp_http", callers);
            foreach (HttpCaller caller in callers)
            {
                caller.Dispose();
            }
        }

        return found;

        async Task AddConnectionAsync(string scenario, ICaller caller, int mostInFlight)
        {
            await CallsPerSecondAsync(caller, Warmup, mostInFlight);
            foreach (int inFlight in new[] { 1, mostInFlight }.Distinct())
            {
                double[] samples = new double[repetitions];
                for (int i = 0; i < repetitions; i++)
                {
                    samples[i] = await CallsPerSecondAsync(caller, calls, inFlight);
                }

                found.Add(new Measurement(string.Create(CultureInfo.InvariantCulture, $"{scenario}_{inFlight}_in_flight"), Scheduler, "calls_per_second", "1/s", samples));
            }
        }

        async Task AddClientsAsync(string transport, ICaller[] callers)
        {
            string scenario = string.Create(CultureInfo.InvariantCulture, $"{transport}_{Clients}_clients");
            List<double> p50 = [], p99 = [], rate = [];
            await PacedAsync(callers, TimeSpan.FromSeconds(isQuick ? 1 : 2));
            for (int i = 0; i < repetitions; i++)
            {
                double[] latencies = await PacedAsync(callers, TimeSpan.FromSeconds(isQuick ? 1 : 5));
                p50.Add(Quantile(latencies, 0.5));
                p99.Add(Quantile(latencies, 0.99));
                rate.Add(await UnpacedAsync(callers, calls / Clients));
            }

            string paced = string.Create(CultureInfo.InvariantCulture, $"{scenario}_{Clients * CallsPerSecondOfEach}_calls_per_second");
            found.Add(new Measurement(paced, Scheduler, "latency_p50", "ms", [.. p50]));
            found.Add(new Measurement(paced, Scheduler, "latency_p99", "ms", [.. p99]));
            found.Add(new Measurement($"{scenario}_as_fast_as_they_can", Scheduler, "calls_per_second", "1/s", [.. rate]));
        }
    }

    private static async Task<double> CallsPerSecondAsync(ICaller caller, int calls, int inFlight)
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

    /// <summary>Each client calls at its own times, whether the others have been answered or not; a call that is late counts from when it was due.</summary>
    /// <returns>From when each call was due to its answer, ms.</returns>
    private static async Task<double[]> PacedAsync(ICaller[] callers, TimeSpan duration)
    {
        TimeSpan period = TimeSpan.FromSeconds(1.0 / CallsPerSecondOfEach);
        var clock = Stopwatch.StartNew();
        double[][] latencies = await Task.WhenAll(callers.Select((caller, number) => Task.Run(async () =>
        {
            List<double> own = [];
            for (TimeSpan due = period * number / callers.Length; due < duration; due += period)
            {
                if (due - clock.Elapsed is { Ticks: > 0 } early)
                {
                    await Task.Delay(early);
                }

                // The timer has a resolution of a millisecond: what it is late by is not the server's doing.
                TimeSpan begun = clock.Elapsed - due < TimeSpan.FromMilliseconds(2) ? clock.Elapsed : due;
                await caller.CallAsync();
                own.Add((clock.Elapsed - begun).TotalMilliseconds);
            }

            return own.ToArray();
        })));
        return [.. latencies.SelectMany(one => one)];
    }

    private static async Task<double> UnpacedAsync(ICaller[] callers, int callsOfEach)
    {
        double[] perSecond = await Task.WhenAll(callers.Select(caller => Task.Run(() => CallsPerSecondAsync(caller, callsOfEach, 1))));
        return perSecond.Sum();
    }

    private static double Quantile(double[] values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("coxswain-bench-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
