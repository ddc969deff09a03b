using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;
using Serilog.Core;

namespace Coxswain.Mcp.Hosting;

/// <summary>Runs the scheduler and the server until the client closes standard input or a signal comes.</summary>
internal static class McpHost
{
    // Detaching takes milliseconds, seconds on an emulated machine under load.
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(10);

    // For calls that are under way when the client closes its side: a little more than the wait for the scheduler.
    private static readonly TimeSpan s_lastAnswersLimit = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(McpOptions options)
    {
        using var streams = ProtocolStreams.Claim();
        Logger logger;
        try
        {
            logger = LogSetup.Create(options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"coxswain: --log-file {options.LogFile}: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        AuditFile? audit;
        try
        {
            audit = options.Settings.AuditFile.Length > 0 ? new AuditFile(options.Settings.AuditFile) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"coxswain: audit.file {options.Settings.AuditFile}: {exception.Message}").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        using var closing = audit;

        // Without the defaults: no settings from files in the working directory, no environment, no other logger.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services
            .AddSerilog(logger, dispose: true)
            .Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdownLimit)
            .Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true)
            // Services stop in the reverse order: first no more calls, then the scheduler.
            .AddScheduler(options.Scheduler)
            .AddSingleton(new AuditTrail(audit, TimeProvider.System))
            .AddSingleton(options.Source ?? SettingsSource.Fixed(options.Settings))
            .AddControl(options.Settings)
            .AddToolServer()
            .WithStreamServerTransport(streams.Input, streams.Output);
        using var host = builder.Build();
        if (host.Services.GetRequiredService<Reconfiguration>().Problem(options.Settings) is { Length: > 0 } problem)
        {
            await Console.Error.WriteLineAsync($"coxswain: {problem}").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        await host.StartAsync().ConfigureAwait(false);
        _ = StopAfterAsync(streams, host.Services.GetRequiredService<IHostApplicationLifetime>());
        await host.WaitForShutdownAsync().ConfigureAwait(false);
        return ExitCode.Success;
    }

    // The protocol library drops its answers as soon as it reads the end of input, and then waits for open requests, of
    // which a subscription never ends. Here every other request is answered first, and then nothing is waited for.
    private static async Task StopAfterAsync(ProtocolStreams streams, IHostApplicationLifetime lifetime)
    {
        await streams.Input.Ended.ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        limit.CancelAfter(s_lastAnswersLimit);
        await streams.OpenRequests.WhenNoneAsync().WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        streams.Input.Release();
        lifetime.StopApplication();
    }
}
