using System.Net.Sockets;
using System.Text;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Daemon;

/// <summary>Serves MCP to everybody who connects to the daemon's socket, each with a server of its own on the shared core.</summary>
internal sealed partial class SocketListener(
    Socket listening, SocketSettings settings, RoleSettings roles, IOptions<McpServerOptions> options, ILoggerFactory logs, IServiceProvider services)
    : IHostedService, IAsyncDisposable
{
    /// <summary>How long a client may take to read what it is sent.</summary>
    public static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);

    // For calls that are under way when the client closes its side: a little more than the wait for the scheduler.
    private static readonly TimeSpan s_lastAnswersLimit = TimeSpan.FromSeconds(40);

    private readonly ILogger _log = logs.CreateLogger<SocketListener>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _clients = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>Clients that are connected now.</summary>
    public int ClientCount
    {
        get
        {
            lock (_gate)
            {
                return _clients.Count;
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first client comes: making the tools' schemas takes longer than answering.
        _ = options.Value;
        // Not before: by now a signal ends the daemon in an orderly way.
        listening.Listen(SocketFile.Backlog);
        _accepting = Task.Run(AcceptAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        listening.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] left;
        lock (_gate)
        {
            left = [.. _clients];
        }

        await Task.WhenAll(left).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ValueTask DisposeAsync()
    {
        listening.Dispose();
        _stopping.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listening.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Out of descriptors, or the client has gone already.
                LogNotAccepted(_log, exception.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            Begin(client);
        }
    }

    private void Begin(Socket client)
    {
        lock (_gate)
        {
            if (_clients.Count >= settings.MaxClients)
            {
                LogFull(_log, settings.MaxClients);
                _ = RefuseAsync(client, $"coxswain serves {settings.MaxClients} clients already (socket.max_clients); try again later");
                return;
            }

            var serving = new Task<Task>(() => ServeAsync(client));
            var whole = serving.Unwrap();
            _clients.Add(whole);
            _ = whole.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            serving.Start(TaskScheduler.Default);
        }
    }

    private void Ended(Task client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var closing = client;
        try
        {
            if (Identify(client) is { } peer)
            {
                Peer.Current = peer;
                LogConnected(_log, peer);
                await TalkAsync(client).ConfigureAwait(false);
                LogLeft(_log, peer);
            }
            else
            {
                await RefuseAsync(client, "your user has no role at this coxswain; an operator can give one to a group of yours ([roles] in /etc/coxswain/config.toml)").ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever one client does, the others go on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(_log, exception);
        }
    }

    private Peer? Identify(Socket client)
    {
        var (pid, uid, groups) = UnixAccounts.PeerOf(client);
        if (roles.Of(uid, groups, UnixAccounts.OwnUid, UnixAccounts.GroupId) is not { } role)
        {
            LogNoRole(_log, uid, pid);
            return null;
        }

        return new Peer("socket", $"uid {uid}", role) { Uid = uid, Pid = pid, Program = ProgramOf(pid) };
    }

    // Only for the record: by now the number may belong to another process. The user is what the kernel vouches for.
    private static string ProgramOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/exe").LinkTarget ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task TalkAsync(Socket client)
    {
        var connection = new NetworkStream(client, ownsSocket: false);
        await using var closing = connection.ConfigureAwait(false);
        var open = new OpenRequests();
        var sending = new ClientOutputStream(connection, WriteLimit, client.Dispose);
        var bounded = new ClientInputStream(connection, open, sending, settings.MaxMessageBytes);
        var input = new EndSignallingStream(bounded, new LineWatch(static _ => { }));
        var output = new WholeLineStream(new WatchedOutputStream(sending, new LineWatch(open.Sent)));
        using var gone = new CancellationTokenSource();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var server = McpServer.Create(new StreamServerTransport(input, output, "coxswain", logs), options.Value, logs, services);
        await using (server.ConfigureAwait(false))
        {
            ClientPresence.Gone = gone.Token;
            var running = server.RunAsync(leaving.Token);
            await Task.WhenAny(running, input.Ended).ConfigureAwait(false);
            await gone.CancelAsync().ConfigureAwait(false);
            if (bounded.IsTooLong)
            {
                await SayAsync(connection, $"the message is longer than {settings.MaxMessageBytes} bytes (socket.max_message_bytes)").ConfigureAwait(false);
            }

            // As on standard input: what was asked is answered before the end is passed on.
            Task answered = Task.WhenAny(open.WhenNoneAsync(), sending.Broken);
            await answered.WaitAsync(s_lastAnswersLimit, leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await leaving.CancelAsync().ConfigureAwait(false);
            input.Release();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task RefuseAsync(Socket client, string why)
    {
        using var closing = client;
        var connection = new NetworkStream(client, ownsSocket: false);
        await using var closingToo = connection.ConfigureAwait(false);
        await SayAsync(connection, why).ConfigureAwait(false);
    }

    private static async Task SayAsync(Stream connection, string why)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await connection.WriteAsync(Encoding.UTF8.GetBytes(RpcError.Line("null", RpcError.Refused, why)), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It has gone, or does not read: then it need not be told.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Client connected: {Peer}")]
    private static partial void LogConnected(ILogger log, Peer peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "Client left: {Peer}")]
    private static partial void LogLeft(ILogger log, Peer peer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused uid {Uid} (pid {Pid}) at the socket: none of its groups has a role")]
    private static partial void LogNoRole(ILogger log, int uid, int pid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a client: {Max} are connected already")]
    private static partial void LogFull(ILogger log, int max);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client could not be accepted: {Problem}")]
    private static partial void LogNotAccepted(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A client's connection failed")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
