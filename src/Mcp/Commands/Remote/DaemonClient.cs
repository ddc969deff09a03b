using System.Net.Sockets;
using System.Text.Json;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Protocol;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary>Calls the tools of a running daemon, as any MCP client does.</summary>
internal sealed class DaemonClient : IAsyncDisposable
{
    /// <summary>Where the daemon listens when nothing else is said.</summary>
    public const string DefaultSocket = "/run/coxswain/coxswain.sock";

    // A call that comes while the scheduler is being loaded waits for it, at most that long.
    private static readonly TimeSpan s_callLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(10);

    private readonly McpClient _client;
    private readonly Stream? _stream;

    /// <summary>Uses a connection that is there already.</summary>
    /// <param name="client">The connection; ended with this object.</param>
    /// <param name="stream">What it runs over, if it has to be closed after it.</param>
    public DaemonClient(McpClient client, Stream? stream) => (_client, _stream) = (client, stream);

    /// <summary>Connects to a daemon's socket.</summary>
    /// <exception cref="DaemonException">Nobody answers there.</exception>
    public static async Task<DaemonClient> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new DaemonException((exception as SocketException)?.SocketErrorCode switch
            {
                SocketError.AccessDenied => $"{path} may not be opened: be root, or a member of the group that owns it",
                // The runtime's name for a file that is not there.
                SocketError.AddressNotAvailable => Nobody("there is no such socket"),
                SocketError.ConnectionRefused => Nobody("nobody listens"),
                _ => Nobody(exception.Message.TrimEnd('.')),
            });
        }

        string Nobody(string why) => $"no daemon answers at {path} ({why}); coxswain serve starts one, --socket names another";

        var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            return await ConnectAsync(new StreamClientTransport(stream, stream), stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or McpException or TimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new DaemonException($"what listens at {path} does not answer as a daemon does: {exception.Message.TrimEnd('.')}");
        }
    }

    private static async Task<DaemonClient> ConnectAsync(IClientTransport transport, Stream? stream, CancellationToken cancellationToken)
    {
        var options = new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "coxswain-cli", Version = ToolServer.Version },
            InitializationTimeout = s_connectLimit,
        };
        return new DaemonClient(await McpClient.CreateAsync(transport, options, cancellationToken: cancellationToken).ConfigureAwait(false), stream);
    }

    /// <summary>Calls a tool.</summary>
    /// <param name="tool">Its name.</param>
    /// <param name="arguments">Writes the arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DaemonException">It was refused, or could not be asked.</exception>
    public async Task<JsonElement> CallAsync(string tool, Action<Utf8JsonWriter>? arguments, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            arguments?.Invoke(json);
            json.WriteEndObject();
        }

        var given = JsonElement.Parse(buffer.ToArray()).EnumerateObject().ToDictionary(member => member.Name, member => member.Value.Clone());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_callLimit);
        try
        {
            var result = await _client.CallToolAsync(new CallToolRequestParams { Name = tool, Arguments = given }, limit.Token).ConfigureAwait(false);
            return result.IsError != true && result.StructuredContent is { } structured
                ? structured
                : throw new DaemonException(Text(result));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DaemonException($"{tool}: the daemon did not answer within {s_callLimit.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is IOException or McpException)
        {
            throw new DaemonException($"{tool}: {exception.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Reads a resource of JSON.</summary>
    /// <exception cref="DaemonException">It could not be read.</exception>
    public async Task<JsonElement> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_callLimit);
        try
        {
            var result = await _client.ReadResourceAsync(uri, cancellationToken: limit.Token).ConfigureAwait(false);
            return result.Contents is [TextResourceContents text] ? JsonElement.Parse(text.Text) : throw new DaemonException($"{uri}: the daemon answers with something else");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DaemonException($"{uri}: the daemon did not answer within {s_callLimit.TotalSeconds:0} s");
        }
        catch (Exception exception) when (exception is IOException or McpException or JsonException)
        {
            throw new DaemonException($"{uri}: {exception.Message.TrimEnd('.')}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync().ConfigureAwait(false);
        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static string Text(CallToolResult result) =>
        CommandText.Clean(string.Join(' ', result.Content.OfType<TextContentBlock>().Select(block => block.Text)), 4000);
}
