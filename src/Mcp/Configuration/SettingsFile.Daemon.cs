using System.Text;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Daemon;
using Coxswain.Mcp.Http;
using Coxswain.Mcp.Metrics;
using Tomlyn.Syntax;

namespace Coxswain.Mcp.Configuration;

// How clients reach the daemon, and what they may do.
internal sealed partial class SettingsFile
{
    private static string[] KnownOfDaemon =>
    [
        "socket.path", "socket.group", "socket.max_clients", "socket.max_message_bytes", "roles.observe", "roles.control", "roles.admin",
        "http.listen", "http.anonymous_role", "http.tokens_file", "http.jwt_keys_file", "http.jwt_audience", "http.jwt_issuer",
        "http.certificate_file", "http.certificate_key_file", "http.allowed_hosts", "http.allowed_origins",
        "http.max_requests_per_second", "http.max_body_bytes", "http.max_connections", "http.max_idle_sessions",
        "metrics.listen", "metrics.allow_remote", "metrics.observe", "metrics.otlp_endpoint", "metrics.otlp_protocol", "metrics.otlp_interval_seconds",
    ];

    /// <summary>Checks the path of a socket.</summary>
    /// <exception cref="SettingsException">It is too long for one.</exception>
    public static string CheckedSocket(string path) => Encoding.UTF8.GetByteCount(path) <= SocketSettings.MaxPathLength
        ? path
        : throw new SettingsException($"{path}: the path of a socket has at most {SocketSettings.MaxPathLength} bytes");

    private Settings? TakeForDaemon(string key, KeyValueSyntax pair)
    {
        var (socket, roles, http) = (_settings.Socket, _settings.Roles, _settings.Http);
        return key switch
        {
            "socket.path" => _settings with { Socket = socket with { Path = CheckedSocket(Absolute(key, pair, Text(key, pair, pair.Value))) } },
            "socket.group" => _settings with { Socket = socket with { Group = Text(key, pair, pair.Value) } },
            "socket.max_clients" => _settings with { Socket = socket with { MaxClients = Number(key, pair, 1, 10_000) } },
            "socket.max_message_bytes" => _settings with { Socket = socket with { MaxMessageBytes = Number(key, pair, 4096, 64 * 1024 * 1024) } },
            "roles.observe" => _settings with { Roles = roles with { Observe = Texts(key, pair) } },
            "roles.control" => _settings with { Roles = roles with { Control = Texts(key, pair) } },
            "roles.admin" => _settings with { Roles = roles with { Admin = Texts(key, pair) } },
            "http.listen" => Http(http with { Listen = HttpSurface.ParseListen(Text(key, pair, pair.Value)) ?? throw Wrong(key, pair, "an address and a port, e.g. \"127.0.0.1:7400\"") }),
            "http.anonymous_role" => Http(http with { AnonymousRole = Role(key, pair) }),
            "http.tokens_file" => Http(http with { TokensFile = Absolute(key, pair, Text(key, pair, pair.Value)) }),
            "http.jwt_keys_file" => Http(http with { JwtKeysFile = Absolute(key, pair, Text(key, pair, pair.Value)) }),
            "http.jwt_audience" => Http(http with { JwtAudience = Text(key, pair, pair.Value) }),
            "http.jwt_issuer" => Http(http with { JwtIssuer = Text(key, pair, pair.Value) }),
            "http.certificate_file" => Http(http with { CertificateFile = Absolute(key, pair, Text(key, pair, pair.Value)) }),
            "http.certificate_key_file" => Http(http with { CertificateKeyFile = Absolute(key, pair, Text(key, pair, pair.Value)) }),
            "http.allowed_hosts" => Http(http with { AllowedHosts = Texts(key, pair) }),
            "http.allowed_origins" => Http(http with { AllowedOrigins = Texts(key, pair) }),
            "http.max_requests_per_second" => Http(http with { MaxRequestsPerSecond = Number(key, pair, 1, 1_000_000) }),
            "http.max_body_bytes" => Http(http with { MaxBodyBytes = Number(key, pair, 4096, 64 * 1024 * 1024) }),
            "http.max_connections" => Http(http with { MaxConnections = Number(key, pair, 1, 10_000) }),
            "http.max_idle_sessions" => Http(http with { MaxIdleSessions = Number(key, pair, 1, 10_000) }),
            _ => TakeForMetrics(key, pair),
        };
    }

    private Settings? TakeForMetrics(string key, KeyValueSyntax pair)
    {
        var metrics = _settings.Metrics;
        return key switch
        {
            "metrics.listen" => Metrics(metrics with { Listen = HttpSurface.ParseListen(Text(key, pair, pair.Value)) is { Port: > 0 } listen ? listen : throw Wrong(key, pair, "an address and a port, e.g. \"127.0.0.1:7401\"") }),
            "metrics.allow_remote" => Metrics(metrics with { AllowsRemote = Flag(key, pair) }),
            "metrics.observe" => Metrics(metrics with { Observe = Flag(key, pair) }),
            "metrics.otlp_endpoint" => Metrics(metrics with { OtlpEndpoint = Endpoint(key, pair) }),
            "metrics.otlp_protocol" => Metrics(metrics with
            {
                OtlpProtocol = Text(key, pair, pair.Value) is MetricsSettings.Grpc or MetricsSettings.HttpProtobuf
                    ? Text(key, pair, pair.Value) : throw Wrong(key, pair, $"one of {MetricsSettings.Grpc}, {MetricsSettings.HttpProtobuf}"),
            }),
            "metrics.otlp_interval_seconds" => Metrics(metrics with { OtlpIntervalSeconds = Number(key, pair, 1, 3600) }),
            _ => null,
        };
    }

    private Settings Metrics(MetricsSettings metrics) => _settings with { Metrics = metrics };

    private Uri Endpoint(string key, KeyValueSyntax pair) =>
        Uri.TryCreate(Text(key, pair, pair.Value), UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw Wrong(key, pair, "an address, e.g. \"http://127.0.0.1:4317\"");

    private Settings Http(HttpSettings http) => _settings with { Http = http };

    private string Role(string key, KeyValueSyntax pair) =>
        Text(key, pair, pair.Value) is var role && (role == "none" || Toolsets.Names.Contains(role))
            ? role
            : throw Wrong(key, pair, $"one of none, {string.Join(", ", Toolsets.Names)}");
}
