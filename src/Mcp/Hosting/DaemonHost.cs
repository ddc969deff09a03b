using System.Net;
using System.Net.Sockets;
using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Daemon;
using Coxswain.Mcp.Http;
using Coxswain.Mcp.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Hosting;

/// <summary>Runs the scheduler and serves many clients, on a socket and over HTTP, until a signal comes.</summary>
internal static partial class DaemonHost
{
    public static async Task<int> RunAsync(McpOptions options)
    {
        var settings = options.Settings;
        using var records = Records.Open(options);
        if (records is null)
        {
            return ExitCode.Usage;
        }

        try
        {
            if (settings.Http.Problem is { Length: > 0 } unfit)
            {
                throw new SettingsException(unfit);
            }

            if (settings.Metrics.Problem(settings.Http.Listen) is { Length: > 0 } unfitMetrics)
            {
                throw new SettingsException(unfitMetrics);
            }

            var (socket, isPassed, problem) = SocketFile.Open(settings.Socket);
            try
            {
                await ServeAsync(options, records, socket, problem).ConfigureAwait(false);
                return ExitCode.Success;
            }
            finally
            {
                socket.Dispose();
                if (!isPassed)
                {
                    File.Delete(settings.Socket.Path);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or SettingsException)
        {
            await Console.Error.WriteLineAsync($"coxswain: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Usage;
        }
    }

    private static async Task ServeAsync(McpOptions options, Records records, Socket socket, string problem)
    {
        var host = Build(options, records, socket);
        await using (((IAsyncDisposable)host).ConfigureAwait(false))
        {
            var log = host.Services.GetRequiredService<ILogger<SocketListener>>();
            if (problem.Length > 0)
            {
                LogSocketProblem(log, problem);
            }

            if (host.Services.GetRequiredService<Reconfiguration>().Problem(options.Settings) is { Length: > 0 } unfit)
            {
                throw new SettingsException(unfit);
            }

            await host.StartAsync().ConfigureAwait(false);
            LogServing(log, options.Settings.Socket.Path);
            if (options.Settings.Http.Listen is { } address)
            {
                LogServingHttp(log, address, HttpSurface.Path);
            }

            if (options.Settings.Metrics.Listen is { } metrics)
            {
                LogServingHttp(log, metrics, MetricsSurface.Path);
            }

            await host.WaitForShutdownAsync().ConfigureAwait(false);
        }
    }

    // Without the defaults: no settings from files in the working directory, no environment, no other logger.
    private static IHost Build(McpOptions options, Records records, Socket socket)
    {
        var (http, metrics) = (options.Settings.Http, options.Settings.Metrics);
        if (http.Listen is null && metrics.Listen is null)
        {
            var plain = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            Add(plain.Services, options, records, socket);
            return plain.Build();
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var server = Add(builder.Services, options, records, socket);
        if (metrics.Listen is not null)
        {
            builder.AddMetrics(metrics.Listen, alone: http.Listen is null);
        }

        if (http.Listen is not null)
        {
            builder.AddHttp(server, http);
        }

        var application = builder.Build();
        if (metrics.Listen is not null)
        {
            application.UseMetrics(metrics.Listen);
        }

        if (http.Listen is not null)
        {
            application.UseHttp();
        }

        return application;
    }

    private static IMcpServerBuilder Add(IServiceCollection services, McpOptions options, Records records, Socket socket)
    {
        var server = services.AddServer(options, records);
        services.AddSingleton(provider => new SocketListener(
            socket, options.Settings.Socket, options.Settings.Roles, provider.GetRequiredService<IOptions<McpServerOptions>>(),
            provider.GetRequiredService<ILoggerFactory>(), provider));
        services.AddHostedService(provider => provider.GetRequiredService<SocketListener>());
        services.AddHostedService<ServiceManager>();
        services.AddTelemetryExport(options.Settings.Metrics);
        return server;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving on {Socket}")]
    private static partial void LogServing(ILogger log, string socket);

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving HTTP on {Address}{Path}")]
    private static partial void LogServingHttp(ILogger log, IPEndPoint address, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogSocketProblem(ILogger log, string problem);
}
