using System.Net;
using System.Net.Sockets;
using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Daemon;
using Coxswain.Mcp.Http;
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

            await host.WaitForShutdownAsync().ConfigureAwait(false);
        }
    }

    // Without the defaults: no settings from files in the working directory, no environment, no other logger.
    private static IHost Build(McpOptions options, Records records, Socket socket)
    {
        var http = options.Settings.Http;
        if (http.Listen is null)
        {
            var plain = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            Add(plain.Services, options, records, socket);
            return plain.Build();
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddHttp(Add(builder.Services, options, records, socket), http);
        var application = builder.Build();
        application.UseHttp();
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
        return server;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving on {Socket}")]
    private static partial void LogServing(ILogger log, string socket);

    [LoggerMessage(Level = LogLevel.Information, Message = "Serving HTTP on {Address}{Path}")]
    private static partial void LogServingHttp(ILogger log, IPEndPoint address, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogSocketProblem(ILogger log, string problem);
}
