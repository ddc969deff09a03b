using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Http;

/// <summary>What a request has to pass before the protocol sees it: by which name, from which page, by whom, how often.</summary>
/// <remarks>
/// Names and pages, because a web page in the operator's browser reaches the loopback address too, under a name of its own
/// that it points there (DNS rebinding).
/// </remarks>
internal sealed partial class HttpGate : IDisposable
{
    private const int FailuresPerSecond = 5;
    private const string Bearer = "Bearer ";
    private const int MaxShownName = 100;
    private readonly HttpSettings _settings;
    private readonly TokenFile? _tokens;
    private readonly JwtKeys? _keys;
    private readonly ILogger<HttpGate> _log;
    private readonly PartitionedRateLimiter<string> _callers;
    private readonly PartitionedRateLimiter<string> _failures;

    /// <summary>Reads what is needed to tell who calls.</summary>
    /// <exception cref="Configuration.SettingsException">It cannot be used.</exception>
    public HttpGate(HttpSettings settings, TimeProvider time, ILogger<HttpGate> log)
    {
        _settings = settings;
        _log = log;
        _tokens = settings.TokensFile.Length > 0 ? new TokenFile(settings.TokensFile, time) : null;
        _keys = settings.JwtKeysFile.Length > 0 ? new JwtKeys(settings, time) : null;
        _callers = Limiter(settings.MaxRequestsPerSecond);
        _failures = Limiter(FailuresPerSecond);
    }

    /// <summary>Lets a request through, or answers it.</summary>
    public async Task PassAsync(HttpContext context, Func<Task> next)
    {
        CallTrace.NameRequest(context.Request.Method, HttpSurface.Path);
        if (!IsKnownName(context.Request.Host.Host))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, $"the server does not answer to the name '{Shown(context.Request.Host.Host)}'; http.allowed_hosts can add it").ConfigureAwait(false);
            return;
        }

        if (context.Request.Headers.Origin is { Count: > 0 } origin && !IsKnownOrigin(origin.ToString()))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, $"pages from '{Shown(origin.ToString())}' may not call; http.allowed_origins can add it").ConfigureAwait(false);
            return;
        }

        var address = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var (peer, problem) = await IdentifyAsync(context.Request.Headers.Authorization.ToString(), address).ConfigureAwait(false);
        if (peer is null)
        {
            using var failure = _failures.AttemptAcquire(address);
            if (!failure.IsAcquired)
            {
                await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too many requests without a valid token").ConfigureAwait(false);
                return;
            }

            context.Response.Headers.WWWAuthenticate = context.Request.Headers.Authorization.Count == 0
                ? "Bearer realm=\"coxswain\"" : $"Bearer realm=\"coxswain\", error=\"invalid_token\", error_description=\"{problem}\"";
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, problem).ConfigureAwait(false);
            return;
        }

        using var lease = _callers.AttemptAcquire($"{peer.Name} {(peer.Name == AnonymousName ? address : "")}");
        if (!lease.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, $"more than {_settings.MaxRequestsPerSecond} requests in a second (http.max_requests_per_second)").ConfigureAwait(false);
            return;
        }

        Peer.Current = peer;
        ClientPresence.Gone = context.RequestAborted;
        // The protocol library binds a session to this user: nobody else can go on with it.
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, peer.Name)], "coxswain"));
        await next().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _callers.Dispose();
        _failures.Dispose();
    }

    private const string AnonymousName = "anonymous";

    private static PartitionedRateLimiter<string> Limiter(int perSecond) => PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * perSecond,
            TokensPerPeriod = Math.Max(1, perSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(0.1, 1.0 / perSecond)),
            AutoReplenishment = true,
            QueueLimit = 0,
        }));

    private bool IsKnownName(string host)
    {
        var name = host.Trim('[', ']');
        return name == "localhost" || _settings.AllowedHosts.Contains(name, StringComparer.OrdinalIgnoreCase) ||
            // An address cannot be pointed elsewhere.
            IPAddress.TryParse(name, out var address) && (IPAddress.IsLoopback(address) || !IPAddress.IsLoopback(_settings.Listen!.Address));
    }

    private bool IsKnownOrigin(string origin) =>
        _settings.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase) ||
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https" && page.IsLoopback;

    private async Task<(Peer? Peer, string Problem)> IdentifyAsync(string authorization, string address)
    {
        if (authorization.Length == 0)
        {
            return _settings.Anonymous is { } role
                ? (new Peer("http", AnonymousName, role) { Address = address }, "")
                : (null, "a bearer token is needed");
        }

        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return (null, "only bearer tokens are accepted");
        }

        var token = authorization[Bearer.Length..].Trim();
        var expired = false;
        if (_tokens?.Find(token, out expired) is { } known)
        {
            return (new Peer("http", $"token {known.Name}", known.Role) { Address = address }, "");
        }

        if (_tokens?.Problem is { Length: > 0 } broken)
        {
            LogTokens(_log, broken);
        }

        if (expired || _keys is null)
        {
            return (null, expired ? "the token has expired" : "the token is not valid");
        }

        var (name, jwtRole, problem) = await _keys.CheckAsync(token).ConfigureAwait(false);
        return problem.Length > 0 ? (null, problem) : (new Peer("http", $"subject {name}", jwtRole) { Address = address }, "");
    }

    private Task RefuseAsync(HttpContext context, int status, string why)
    {
        LogRefused(_log, context.Connection.RemoteIpAddress, status, why);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"coxswain: {why}.\n"));
    }

    private static string Shown(string text) => CommandText.Clean(text, MaxShownName);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused an HTTP request from {Address} with {Status}: {Why}")]
    private static partial void LogRefused(ILogger log, IPAddress? address, int status, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "No token is accepted: {Problem}")]
    private static partial void LogTokens(ILogger log, string problem);
}
