using Coxswain.Core.Kernel;
using Coxswain.Mcp.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Events;

namespace Coxswain.Mcp.Hosting;

/// <summary>Settings of <c>coxswain mcp</c> and <c>serve</c>, checked.</summary>
internal sealed record McpOptions
{
    public required SchedulerOptions Scheduler { get; init; }

    /// <summary>What the operator has configured.</summary>
    public Settings Settings { get; init; } = new();

    /// <summary>Where the configuration is read again.</summary>
    public SettingsSource? Source { get; init; }

    /// <summary>A made-up machine instead of this one.</summary>
    public bool Simulate { get; init; }

    /// <summary>File to log to besides standard error; empty for none.</summary>
    public string LogFile { get; init; } = "";

    public LogEventLevel LogLevel { get; init; } = LogEventLevel.Information;

    /// <summary>Adds to what the server offers, within the same checks and limits; null for nothing, as in the program itself.</summary>
    public Action<IMcpServerBuilder>? Additions { get; init; }
}
