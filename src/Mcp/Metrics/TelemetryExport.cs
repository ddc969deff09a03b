using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Coxswain.Mcp.Metrics;

/// <summary>Sends metrics and a trace of each call by OpenTelemetry's protocol, where that is configured.</summary>
internal static class TelemetryExport
{
    /// <summary>Adds it, if there is an endpoint.</summary>
    public static IServiceCollection AddTelemetryExport(this IServiceCollection services, MetricsSettings settings)
    {
        if (settings.OtlpEndpoint is not { } endpoint)
        {
            return services;
        }

        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("coxswain", serviceVersion: ToolServer.Version))
            .WithMetrics(metrics => metrics
                .AddMeter(CoxswainMeter.Name, CallTrace.Source)
                .AddInstrumentation(provider => new CoxswainMeter(provider.GetRequiredService<MetricsCollector>()))
                .AddOtlpExporter((exporter, reader) =>
                {
                    Configure(exporter, settings, endpoint, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = settings.OtlpIntervalSeconds * 1000;
                }))
            .WithTracing(traces => traces
                // Without those of the web server, calls over HTTP would hang in the air.
                .AddSource(CallTrace.Source, CallTrace.WebSource)
                .AddOtlpExporter(exporter => Configure(exporter, settings, endpoint, "v1/traces")));
        return services;
    }

    // A path is the caller's business over HTTP: the exporter adds one only to addresses from the environment.
    private static void Configure(OtlpExporterOptions exporter, MetricsSettings settings, Uri endpoint, string path)
    {
        var overHttp = settings.OtlpProtocol == MetricsSettings.HttpProtobuf;
        exporter.Protocol = overHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = overHttp ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}") : endpoint;
    }
}
