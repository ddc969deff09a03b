using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A conversation with <c>coxswain mcp</c> in the guest, one line of JSON at a time, as any client would have it.</summary>
public sealed class McpSession
{
    // Starting takes much longer than answering: on an emulated machine under load, a minute and more.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(3);
    private int _lastId;

    private McpSession(GuestProcess process) => Process = process;

    /// <summary>For signals, and for the end of its input.</summary>
    public GuestProcess Process { get; }

    /// <summary>Starts the server and shakes hands with it.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="command">The command line of the server.</param>
    /// <param name="name">What the client calls itself.</param>
    public static async Task<McpSession> StartAsync(Guest guest, string command = "exec coxswain mcp", string name = "kernel-tests")
    {
        var session = new McpSession(await guest.StartAsync(command));
        await session.RequestAsync("initialize", new
        {
            protocolVersion = "2025-11-25",
            capabilities = new { },
            clientInfo = new { name, version = "1" },
        }, s_startLimit);
        await session.Process.WriteLineAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return session;
    }

    /// <summary>Waits until the scheduler is loaded, or cannot be: the server answers before.</summary>
    public async Task<JsonElement> LoadedAsync()
    {
        for (int i = 0; i < 60; i++)
        {
            JsonElement status = await CallAsync("get_status");
            bool attached = status.GetProperty("attached").GetBoolean();
            if (attached || !status.GetProperty("reason").GetString()!.Contains("still being loaded", StringComparison.Ordinal))
            {
                return status;
            }

            await Task.Delay(500);
        }

        throw new GuestException("the scheduler is still being loaded after 30 s");
    }

    /// <summary>Calls a tool.</summary>
    /// <returns>The structured result.</returns>
    public async Task<JsonElement> CallAsync(string tool, object? arguments = null, TimeSpan? limit = null)
    {
        JsonElement result = await CallRawAsync(tool, arguments, limit);
        Assert.False(IsError(result), $"{tool} was refused: {result}");
        return result.GetProperty("structuredContent");
    }

    /// <summary>Calls a tool that has to refuse.</summary>
    /// <returns>The text of the error.</returns>
    public async Task<string> RefusedAsync(string tool, object arguments)
    {
        JsonElement result = await CallRawAsync(tool, arguments);
        Assert.True(IsError(result), $"{tool} was not refused: {result}");
        return result.GetProperty("content")[0].GetProperty("text").GetString()!;
    }

    /// <summary>Leaves as clients do: closes the server's standard input, and waits for it.</summary>
    /// <returns>Exit code of the server.</returns>
    public async Task<int> LeaveAsync()
    {
        await Process.CloseInputAsync();
        return await Process.WaitAsync();
    }

    private static bool IsError(JsonElement result) => result.TryGetProperty("isError", out JsonElement error) && error.GetBoolean();

    private Task<JsonElement> CallRawAsync(string tool, object? arguments, TimeSpan? limit = null) =>
        RequestAsync("tools/call", new { name = tool, arguments = arguments ?? new { } }, limit);

    private async Task<JsonElement> RequestAsync(string method, object parameters, TimeSpan? limit = null)
    {
        int id = ++_lastId;
        string line = await Process.AskAsync(JsonSerializer.Serialize(new { jsonrpc = "2.0", id, method, @params = parameters }), limit);
        while (true)
        {
            JsonElement message = JsonElement.Parse(line);
            if (!message.TryGetProperty("id", out JsonElement answered) || answered.GetInt32() != id)
            {
                line = await Process.ReadLineAsync(limit); // that was a notification
                continue;
            }

            return message.TryGetProperty("result", out JsonElement result) ? result : throw new GuestException($"{method} failed: {message}");
        }
    }
}
