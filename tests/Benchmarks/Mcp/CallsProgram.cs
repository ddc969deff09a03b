using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>
/// Runs cox-calls: clients in one native thread. They share the machine with the server that is measured, and clients in .NET would take
/// more of it than the server: their threads' turns, and not the server's answers, would be the slowest.
/// </summary>
/// <param name="program">Path of cox-calls.</param>
/// <param name="directory">Where the requests can be written to.</param>
internal sealed class CallsProgram(string program, string directory)
{
    private const string Expected = "\"attached\":true";

    /// <summary>What was measured in one run.</summary>
    /// <param name="PerSecond">Calls that were answered in a second.</param>
    /// <param name="P50Ms">Half of the calls took at most that, from when they were due to their answer.</param>
    /// <param name="P99Ms">And 99 of a hundred.</param>
    public readonly record struct Result(double PerSecond, double P50Ms, double P99Ms);

    /// <summary>Calls over the socket.</summary>
    /// <param name="path">Path of the socket.</param>
    /// <param name="clients">How many connections.</param>
    /// <param name="perSecond">Calls of each in a second; 0: as fast as it is answered.</param>
    /// <param name="seconds">For how long.</param>
    /// <exception cref="InvalidOperationException">An answer is not what it should be.</exception>
    public Task<Result> OverSocketAsync(string path, int clients, int perSecond, int seconds) =>
        RunAsync(["--socket", path], StatusCall.Of(1) + "\n", clients, perSecond, seconds);

    /// <summary>Calls over HTTP/1.1, each client over a connection that stays open.</summary>
    /// <exception cref="InvalidOperationException">An answer is not what it should be.</exception>
    public Task<Result> OverHttpAsync(int port, int clients, int perSecond, int seconds)
    {
        string body = StatusCall.Of(1);
        string headers = string.Create(CultureInfo.InvariantCulture, $"""
            POST /mcp HTTP/1.1
            Host: 127.0.0.1:{port}
            Content-Type: application/json
            Accept: application/json, text/event-stream
            MCP-Protocol-Version: 2026-07-28
            Mcp-Method: tools/call
            Mcp-Name: get_status
            Content-Length: {body.Length}


            """).ReplaceLineEndings("\r\n");
        return RunAsync(["--http", port.ToString(CultureInfo.InvariantCulture)], headers + body, clients, perSecond, seconds);
    }

    private async Task<Result> RunAsync(string[] server, string request, int clients, int perSecond, int seconds)
    {
        string file = Path.Combine(directory, "request");
        await File.WriteAllTextAsync(file, request, Encoding.ASCII);
        string[] options = [.. server, "--request", file, "--expect", Expected, .. Number("--clients", clients), .. Number("--per-second", perSecond), .. Number("--duration", seconds)];
        using var process = Process.Start(new ProcessStartInfo(program, options) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"cox-calls ended with {process.ExitCode}: {await errors}");
        }

        JsonElement result = JsonElement.Parse(output);
        JsonElement latency = result.GetProperty("latency_us");
        return new Result(
            result.GetProperty("calls").GetInt64() / result.GetProperty("seconds").GetDouble(), latency.GetProperty("p50").GetDouble() / 1000, latency.GetProperty("p99").GetDouble() / 1000);
    }

    private static string[] Number(string option, int value) => [option, value.ToString(CultureInfo.InvariantCulture)];
}
