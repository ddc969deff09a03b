using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>How long the built server takes to serve, and what it takes while nobody asks for anything, with the simulated kernel behind it and without a kernel.</summary>
internal static class ServerScenarios
{
    public const string Start = "server_start";
    public const string Idle = "server_idle";
    public const string IdleSimulated = "server_idle_simulated";
    public const string Initialize = "initialize";
    public const string ToolsList = "tools_list";
    public const string Cpu = "cpu";
    public const string Resident = "resident";

    private const string Scheduler = "none";
    private const string SchedExt = "/sys/kernel/sched_ext";
    private const int Calls = 200;
    private const double BytesPerMb = 1e6;

    // The garbage of the calls has been collected, and what ends after a while has ended.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(3);

    /// <param name="program">The built server.</param>
    /// <param name="isQuick">Fewer starts, and idle for less.</param>
    public static IEnumerable<Measurement> Run(string program, bool isQuick)
    {
        if (!File.Exists(program))
        {
            Console.Error.WriteLine($"bench: no figures of the server's start: {program} is not there; `make executables` builds it");
            return [];
        }

        return MeasureAsync(program, isQuick ? 9 : 25, isQuick ? 3 : 9, TimeSpan.FromSeconds(isQuick ? 2 : 5)).GetAwaiter().GetResult();
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(string program, int starts, int windows, TimeSpan window)
    {
        double[] initialize = new double[starts], toolsList = new double[starts];
        // Its pages are in the page cache then, as everybody's second start finds them.
        await StartAsync(program);
        for (int i = 0; i < starts; i++)
        {
            (initialize[i], toolsList[i]) = await StartAsync(program);
        }

        return
        [
            new Measurement(Start, Scheduler, Initialize, "ms", initialize),
            new Measurement(Start, Scheduler, ToolsList, "ms", toolsList),
            .. await WithoutKernelAsync(program, windows, window),
            .. await IdleAsync(IdleSimulated, McpServerProcess.Simulate(program), windows, window),
        ];
    }

    // Where it could, it would attach its scheduler, which nobody asked for.
    private static async Task<IReadOnlyList<Measurement>> WithoutKernelAsync(string program, int windows, TimeSpan window)
    {
        if (Directory.Exists(SchedExt))
        {
            Console.Error.WriteLine("bench: no figures of the idle server without a kernel: this machine's has sched_ext, and the server would attach its scheduler");
            return [];
        }

        return await IdleAsync(Idle, new McpServerProcess(program, "mcp", "--socket", "/nonexistent"), windows, window);
    }

    private static async Task<(double InitializeMs, double ToolsListMs)> StartAsync(string program)
    {
        long started = Stopwatch.GetTimestamp();
        using var server = McpServerProcess.Simulate(program);
        await using var client = new LineClient(server.Input, server.Output);
        await client.AskAsync(Handshake.Initialize);
        double initialize = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        await client.AskAsync(Handshake.ToolsList);
        return (initialize, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static async Task<IReadOnlyList<Measurement>> IdleAsync(string scenario, McpServerProcess server, int windows, TimeSpan window)
    {
        using (server)
        {
            await using var client = new LineClient(server.Input, server.Output);
            for (int i = 0; i < Calls; i++)
            {
                await client.AskAsync(StatusCall.Of);
            }

            await Task.Delay(s_settling);
            double[] percent = new double[windows], megabytes = new double[windows];
            for (int i = 0; i < windows; i++)
            {
                (long began, double beganNs) = (Stopwatch.GetTimestamp(), server.CpuNs);
                await Task.Delay(window);
                percent[i] = 100 * (server.CpuNs - beganNs) / Stopwatch.GetElapsedTime(began).TotalNanoseconds;
                megabytes[i] = server.ResidentBytes / BytesPerMb;
            }

            return [new Measurement(scenario, Scheduler, Cpu, "pct", percent), new Measurement(scenario, Scheduler, Resident, "MB", megabytes)];
        }
    }

    /// <summary>What a client begins with, in the protocol that has a handshake.</summary>
    private static class Handshake
    {
        public static string Initialize(int id) => string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{{}},\"clientInfo\":{{\"name\":\"bench\",\"version\":\"1\"}}}}}}");

        public static string ToolsList(int id) => string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}}\n{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/list\"}}");
    }
}
