using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>Tells clients that a resource they asked for is no longer what it was, at most once a second each, in both protocol eras.</summary>
/// <remarks>
/// Once a second, while somebody listens, the versions of what is listened for are compared. Each listener has its own
/// short list of what it is to be told and is told by a task of its own, so that a slow one holds nobody up. Newer
/// clients listen by one long request, older ones resource by resource.
/// </remarks>
internal sealed partial class Subscriptions : IHostedService, IDisposable
{
    private const int MaxListeners = 1000;
    private const int MaxUris = 100;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly HashSet<Listener> _listeners = [];
    private readonly Dictionary<(object Session, string Uri), (Listener Listener, CancellationTokenSource End)> _bySession = [];
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private readonly ResourceVersions _versions;
    private readonly IOptions<McpServerOptions> _options;
    private readonly ILogger<Subscriptions> _log;
    private readonly ITimer _timer;

    public Subscriptions(ResourceVersions versions, IOptions<McpServerOptions> options, TimeProvider time, ILogger<Subscriptions> log)
    {
        (_versions, _options, _log) = (versions, options, log);
        _timer = time.CreateTimer(static self => ((Subscriptions)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many listen.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _listeners.Count;
            }
        }
    }

    /// <summary>The long request of newer clients: acknowledged, and then open until they leave.</summary>
    public async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> context, CancellationToken cancellationToken)
    {
        var wanted = context.Params?.Notifications ?? new SubscriptionsListenNotifications();
        var uris = (wanted.ResourceSubscriptions ?? []).Distinct().Where(_versions.IsKnown).Take(MaxUris).ToList();
        var granted = new SubscriptionsListenNotifications
        {
            ToolsListChanged = wanted.ToolsListChanged is true ? true : null,
            PromptsListChanged = wanted.PromptsListChanged is true ? true : null,
            ResourcesListChanged = wanted.ResourcesListChanged is true ? true : null,
            ResourceSubscriptions = uris.Count > 0 ? uris : null,
        };
        var id = context.JsonRpcRequest.Id;
        var listener = new Listener(uris, (method, parameters, cancel) => SendAsync(context.Server, method, Tagged(parameters, id), cancel))
        {
            Tools = granted.ToolsListChanged is true,
            Prompts = granted.PromptsListChanged is true,
        };
        Add(listener);
        try
        {
            await SendAsync(
                context.Server, NotificationMethods.SubscriptionsAcknowledgedNotification,
                Tagged(Node(new SubscriptionsAcknowledgedNotificationParams { Notifications = granted }), id), cancellationToken).ConfigureAwait(false);
            await listener.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client has left, or cancelled it.
        }
        finally
        {
            Remove(listener);
        }

        return new EmptyResult();
    }

    /// <summary>An older client asks to be told of one resource.</summary>
    /// <exception cref="McpProtocolException">There is no such resource, or too many listen.</exception>
    public ValueTask<EmptyResult> SubscribeAsync(RequestContext<SubscribeRequestParams> context, CancellationToken cancellationToken)
    {
        var uri = context.Params?.Uri ?? "";
        if (!_versions.IsKnown(uri))
        {
            throw new McpProtocolException($"There is no resource '{uri}' to subscribe to; resources/list shows those that there are.", McpErrorCode.ResourceNotFound);
        }

        var key = (SessionOf(context.Server), uri);
        var server = context.Server;
        var listener = new Listener([uri], (method, parameters, cancel) => SendAsync(server, method, parameters, cancel));
        var end = new CancellationTokenSource();
        lock (_gate)
        {
            if (!_bySession.TryAdd(key, (listener, end)))
            {
                end.Dispose();
                return new(new EmptyResult());
            }
        }

        try
        {
            Add(listener);
        }
        catch (McpProtocolException)
        {
            Forget(key);
            throw;
        }

        _ = TellAsync(listener, key, end.Token);
        return new(new EmptyResult());
    }

    /// <summary>An older client no longer wants to be told.</summary>
    public ValueTask<EmptyResult> UnsubscribeAsync(RequestContext<UnsubscribeRequestParams> context, CancellationToken cancellationToken)
    {
        Forget((SessionOf(context.Server), context.Params?.Uri ?? ""));
        return new(new EmptyResult());
    }

    /// <summary>A client has left: what it subscribed to is forgotten.</summary>
    /// <param name="session">Its session, as <see cref="SessionOf"/> tells it.</param>
    public void SessionEnded(object session)
    {
        List<(object, string)> keys;
        lock (_gate)
        {
            keys = [.. _bySession.Keys.Where(key => key.Session.Equals(session))];
        }

        keys.ForEach(Forget);
    }

    /// <summary>What is the same for all requests of one older client and differs between clients.</summary>
    /// <remarks>Only HTTP has session ids; elsewhere it is the very object that the client introduced itself with.</remarks>
    public static object SessionOf(McpServer server) => server.SessionId ?? (object?)server.ClientInfo ?? "unknown";

    /// <summary>Compares what is listened for with what it was, and tells the listeners. Runs by itself each second.</summary>
    public void Look()
    {
        try
        {
            List<string> uris;
            lock (_gate)
            {
                uris = [.. _seen.Keys];
            }

            foreach (var uri in uris)
            {
                Compare(uri, _versions.Of(uri));
            }
        }
#pragma warning disable CA1031 // A timer has no caller: the next look tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(_log, exception);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Older clients are told by the library.
        _options.Value.ToolCollection?.Changed += (_, _) => TellListChanged(NotificationMethods.ToolListChangedNotification, listener => listener.Tools);
        _options.Value.PromptCollection?.Changed += (_, _) => TellListChanged(NotificationMethods.PromptListChangedNotification, listener => listener.Prompts);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public void Dispose() => _timer.Dispose();

    private void Compare(string uri, string version)
    {
        List<Listener> told = [];
        lock (_gate)
        {
            if (_seen.TryGetValue(uri, out var seen) && seen != version)
            {
                _seen[uri] = version;
                told.AddRange(_listeners.Where(listener => listener.Uris.Contains(uri)));
            }
        }

        told.ForEach(listener => listener.Tell(NotificationMethods.ResourceUpdatedNotification, uri));
    }

    private void TellListChanged(string method, Func<Listener, bool> wants)
    {
        List<Listener> told;
        lock (_gate)
        {
            told = [.. _listeners.Where(wants)];
        }

        told.ForEach(listener => listener.Tell(method, ""));
    }

    private void Add(Listener listener)
    {
        // Outside of the lock: versions come from parts that have locks of their own.
        var versions = listener.Uris.ToDictionary(uri => uri, _versions.Of);
        lock (_gate)
        {
            if (_listeners.Count >= MaxListeners)
            {
                throw new McpProtocolException($"{MaxListeners} subscriptions are open already, and no more can be.", McpErrorCode.InvalidRequest);
            }

            _listeners.Add(listener);
            foreach (var (uri, version) in versions)
            {
                _seen.TryAdd(uri, version);
            }

            if (_seen.Count > 0)
            {
                _timer.Change(s_interval, s_interval);
            }
        }
    }

    private void Remove(Listener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
            foreach (var uri in listener.Uris.Where(uri => !_listeners.Any(other => other.Uris.Contains(uri))))
            {
                _seen.Remove(uri);
            }

            if (_seen.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Forget((object Session, string Uri) key)
    {
        (Listener Listener, CancellationTokenSource End) found;
        lock (_gate)
        {
            if (!_bySession.Remove(key, out found))
            {
                return;
            }
        }

        found.End.Cancel();
        found.End.Dispose();
        Remove(found.Listener);
    }

    private async Task TellAsync(Listener listener, (object, string) key, CancellationToken cancellationToken)
    {
        try
        {
            await listener.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // No longer wanted.
        }
#pragma warning disable CA1031 // Whatever keeps a client from being told, it is gone.
        catch (Exception)
#pragma warning restore CA1031
        {
            Forget(key);
        }
    }

    private static Task SendAsync(McpServer server, string method, JsonObject parameters, CancellationToken cancellationToken) =>
        server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, cancellationToken);

    private static JsonObject Node(SubscriptionsAcknowledgedNotificationParams parameters) =>
        (JsonObject)JsonSerializer.SerializeToNode(parameters, McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(SubscriptionsAcknowledgedNotificationParams)))!;

    // By this a client that has several subscriptions on one channel tells them apart.
    private static JsonObject Tagged(JsonObject parameters, RequestId id)
    {
        parameters["_meta"] = new JsonObject { [MetaKeys.SubscriptionId] = id.Id is long number ? JsonValue.Create(number) : JsonValue.Create(id.ToString()) };
        return parameters;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscribed resources could not be compared; tried again in a second")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
