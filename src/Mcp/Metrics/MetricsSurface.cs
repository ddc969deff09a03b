using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Coxswain.Mcp.Metrics;

/// <summary>Serves the metrics to Prometheus, on a port of their own.</summary>
internal static class MetricsSurface
{
    /// <summary>Where they are.</summary>
    public const string Path = "/metrics";

    private const int MaxConnections = 32;
    private const int MaxHeaderBytes = 16 * 1024;
    private static readonly TimeSpan s_headersLimit = TimeSpan.FromSeconds(10);

    /// <summary>Adds the port.</summary>
    /// <param name="builder">The web application.</param>
    /// <param name="listen">The port.</param>
    /// <param name="alone">Nothing else is served over HTTP.</param>
    public static void AddMetrics(this WebApplicationBuilder builder, IPEndPoint listen, bool alone)
    {
        if (alone)
        {
            builder.WebHost.UseKestrelCore();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (alone)
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = 0;
                kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
                kestrel.Limits.RequestHeadersTimeout = s_headersLimit;
                kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            }

            kestrel.Listen(listen, options => options.Protocols = HttpProtocols.Http1);
        });
    }

    /// <summary>Answers what comes in on the port, before anything else sees it.</summary>
    public static void UseMetrics(this WebApplication application, IPEndPoint listen)
    {
        var collector = application.Services.GetRequiredService<MetricsCollector>();
        application.MapWhen(
            context => context.Connection.LocalPort == listen.Port,
            branch => branch.Run(context => AnswerAsync(context, collector, listen.Address)));
    }

    private static Task AnswerAsync(HttpContext context, MetricsCollector collector, IPAddress listens)
    {
        // Who scrapes makes no calls that anybody would trace.
        Activity.Current?.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        var (status, why) = context.Request switch
        {
            // A web page reaches the loopback address too, under a name of its own that it points there.
            _ when IPAddress.IsLoopback(listens) && !IsOwnName(context.Request.Host.Host) => (StatusCodes.Status403Forbidden, "metrics are served to localhost only"),
            { Path.Value: not Path } => (StatusCodes.Status404NotFound, $"metrics are at {Path}"),
            { Method: not ("GET" or "HEAD") } => (StatusCodes.Status405MethodNotAllowed, "metrics can only be read"),
            _ => (StatusCodes.Status200OK, ""),
        };
        context.Response.StatusCode = status;
        return why.Length > 0 ? context.Response.WriteAsync($"coxswain: {why}.\n") : WriteAsync(context, collector);
    }

    // Collecting may wait for the container runtime: not on a thread that serves others.
    private static async Task WriteAsync(HttpContext context, MetricsCollector collector)
    {
        var text = await Task.Run(() => PrometheusText.Write(collector.Collect()), context.RequestAborted).ConfigureAwait(false);
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Method == "GET")
        {
            await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static bool IsOwnName(string host) => host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
