using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;

namespace Coxswain.Mcp.Hosting;

/// <summary>The whole server but for the way that clients reach it.</summary>
internal static class ServerParts
{
    // Detaching takes milliseconds, seconds on an emulated machine under load.
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(10);

    /// <summary>Adds the scheduler, or the simulated one, what works on top of it, and the tools.</summary>
    public static IMcpServerBuilder AddServer(this IServiceCollection services, McpOptions options, Records records)
    {
        services
            .AddSerilog(records.Logger, dispose: true)
            .Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdownLimit)
            .Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        // Services stop in the reverse order: first no more calls, then the scheduler.
        _ = options.Simulate ? services.AddSimulatedScheduler(options.Scheduler, options.Settings) : services.AddScheduler(options.Scheduler);
        var server = services
            .AddSingleton(new AuditTrail(records.Audit, TimeProvider.System))
            .AddSingleton(options.Source ?? SettingsSource.Fixed(options.Settings))
            .AddControl(options.Settings)
            .AddToolServer();
        options.Additions?.Invoke(server);
        return server;
    }
}
