using System.Runtime.InteropServices;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Prompts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Hosting;

/// <summary>Reads what may change while the server runs again on SIGHUP: which tools are offered, and the prompts.</summary>
/// <remarks>A configuration that cannot be used changes nothing, and the log says why.</remarks>
internal sealed partial class Reconfiguration(
    SettingsSource source, ToolRegistry tools, PromptLibrary prompts, IOptions<McpServerOptions> options, ILogger<Reconfiguration> log) : IHostedService
{
    private PosixSignalRegistration? _signal;

    /// <summary>Tells what is wrong with settings that only the running server can know: tools that there are not.</summary>
    /// <returns>Empty when nothing is.</returns>
    public string Problem(Settings settings)
    {
        // The tools are known as soon as the server's options are.
        _ = options.Value;
        return tools.Problem(settings.Tools);
    }

    /// <summary>Reads everything again.</summary>
    /// <returns>What could not be used; empty when all is in force.</returns>
    public string Reload()
    {
        try
        {
            var settings = source.Read();
            if (Problem(settings) is { Length: > 0 } problem)
            {
                throw new SettingsException(problem);
            }

            tools.Apply(settings.Tools);
            prompts.Load(settings.PromptsDirectory);
            LogReloaded(log, tools.Offered);
            return "";
        }
        catch (SettingsException exception)
        {
            LogKept(log, exception.Message);
            return exception.Message;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true; // otherwise it ends the process
            _ = Task.Run(Reload, CancellationToken.None);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _signal?.Dispose();
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Configuration read again: {Tools} tools are offered")]
    private static partial void LogReloaded(ILogger log, int tools);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration stays as it was: {Problem}")]
    private static partial void LogKept(ILogger log, string problem);
}
