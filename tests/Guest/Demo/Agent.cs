using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Coxswain.Guest.Demo;

/// <summary>An MCP client that calls tools as an agent would, and writes down what it asked and what it was told.</summary>
internal sealed class Agent : IAsyncDisposable
{
    // An emulated CPU with hogs on it may need seconds for what takes 40 ms elsewhere.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private const int ShownCharacters = 220;

    private readonly McpClient _client;
    private readonly Transcript _transcript;
    private readonly Queue<string> _lastLog;

    private Agent(McpClient client, Transcript transcript, Queue<string> lastLog)
    {
        _client = client;
        _transcript = transcript;
        _lastLog = lastLog;
    }

    /// <summary>Starts <c>SERVER mcp OPTIONS</c> as a child and shakes hands with it.</summary>
    public static async Task<Agent> ConnectAsync(string server, string[] options, Transcript transcript, bool isVerbose = false)
    {
        var lastLog = new Queue<string>();
        var transport = new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = "coxswain",
            Command = server,
            Arguments = ["mcp", .. options],
            ShutdownTimeout = s_patience,
            StandardErrorLines = line => Log(line, lastLog, isVerbose ? transcript : null),
        });
        var wishes = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "coxswain-guest", Version = "0.1.0" },
            InitializationTimeout = s_patience,
            DiscoverProbeTimeout = s_patience,
        };
        try
        {
            McpClient client = await McpClient.CreateAsync(transport, wishes);
            transcript.Step($"connected to {client.ServerInfo?.Name} {client.ServerInfo?.Version}, MCP {client.NegotiatedProtocolVersion}");
            return new Agent(client, transcript, lastLog);
        }
        catch (Exception e) when (e is McpException or IOException or TimeoutException or OperationCanceledException)
        {
            throw new GuestException($"no MCP session with '{server} mcp': {(e.InnerException ?? e).Message}{Tail(lastLog)}");
        }
    }

    /// <summary>Calls a tool; an error result ends the demo with its text.</summary>
    public async Task<JsonElement> CallAsync(string tool, JsonObject arguments)
    {
        _transcript.Step($"-> {tool} {Shorten(arguments.ToJsonString())}");
        CallToolResult result;
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            result = await _client.CallToolAsync(
                new CallToolRequestParams
                {
                    Name = tool,
                    Arguments = arguments.ToDictionary(a => a.Key, a => JsonElement.Parse(a.Value!.ToJsonString())),
                },
                limit.Token);
        }
        catch (Exception e) when (e is McpException or IOException or OperationCanceledException)
        {
            throw new GuestException($"{tool}: {e.Message}{Tail(_lastLog)}");
        }

        string text = string.Concat(result.Content.OfType<TextContentBlock>().Select(c => c.Text));
        _transcript.Detail($"<- {Shorten(text)}");
        if (result.IsError is true)
        {
            throw new GuestException($"{tool} refused: {text}");
        }

        return result.StructuredContent ?? throw new GuestException($"{tool} gave no structured result");
    }

    /// <summary>Ends the session as clients do: closes the server's standard input and waits for it.</summary>
    /// <returns>Exit code of the server, if it is known.</returns>
    public async Task<int?> LeaveAsync()
    {
        await _client.DisposeAsync();
        return await _client.Completion is StdioClientCompletionDetails details ? details.ExitCode : null;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static void Log(string line, Queue<string> lastLog, Transcript? transcript)
    {
        transcript?.Detail($"   | {line}");
        lock (lastLog)
        {
            lastLog.Enqueue(line);
            if (lastLog.Count > 20)
            {
                lastLog.Dequeue();
            }
        }
    }

    private static string Tail(Queue<string> lastLog)
    {
        lock (lastLog)
        {
            return lastLog.Count == 0 ? "" : $"\nthe server's last words:\n  {string.Join("\n  ", lastLog)}";
        }
    }

    private static string Shorten(string text) => text.Length <= ShownCharacters ? text : string.Concat(text.AsSpan(0, ShownCharacters), " ...");
}
