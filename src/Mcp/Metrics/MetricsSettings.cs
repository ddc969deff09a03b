using System.Net;

namespace Coxswain.Mcp.Metrics;

/// <summary>Metrics for machines: served to Prometheus, and sent by OpenTelemetry's protocol.</summary>
internal sealed record MetricsSettings
{
    /// <summary>Address and port that /metrics is served on, e.g. 127.0.0.1:7401; null: not served.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Whether other machines may read them: there is no password.</summary>
    public bool AllowsRemote { get; init; }

    /// <summary>Whether asking for metrics switches the observer on, without which there are none of pods.</summary>
    public bool Observe { get; init; } = true;

    /// <summary>Where metrics and traces are sent by OTLP, e.g. http://127.0.0.1:4317; null: nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>grpc or http/protobuf.</summary>
    public string OtlpProtocol { get; init; } = Grpc;

    /// <summary>Seconds between two times that metrics are sent.</summary>
    public int OtlpIntervalSeconds { get; init; } = 30;

    public const string Grpc = "grpc";

    public const string HttpProtobuf = "http/protobuf";

    /// <summary>Tells what makes these settings unfit.</summary>
    /// <param name="mcp">Where MCP is served over HTTP; null: nowhere.</param>
    /// <returns>Empty when nothing does.</returns>
    public string Problem(IPEndPoint? mcp) => Listen switch
    {
        null => "",
        _ when !IPAddress.IsLoopback(Listen.Address) && !AllowsRemote =>
            $"metrics.listen {Listen} can be reached from other machines, and metrics name pods: set metrics.allow_remote = true, or listen on 127.0.0.1",
        _ when Listen.Port == mcp?.Port => $"metrics.listen {Listen} and http.listen {mcp} need different ports",
        _ => "",
    };
}
