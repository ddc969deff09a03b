using Coxswain.Mcp.Audit;
using Serilog.Core;

namespace Coxswain.Mcp.Hosting;

/// <summary>Log and audit file, opened before anything else is started.</summary>
/// <param name="Logger">The log; whoever takes it ends it.</param>
/// <param name="Audit">The audit file; null when none is configured.</param>
internal sealed record Records(Logger Logger, AuditFile? Audit) : IDisposable
{
    /// <summary>Opens both; standard error says what cannot be opened.</summary>
    /// <returns>Null: something could not be opened.</returns>
    public static Records? Open(McpOptions options)
    {
        Logger? logger = null;
        var what = $"--log-file {options.LogFile}";
        try
        {
            logger = LogSetup.Create(options);
            what = $"audit.file {options.Settings.AuditFile}";
            return new Records(logger, options.Settings.AuditFile.Length > 0 ? new AuditFile(options.Settings.AuditFile) : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            logger?.Dispose();
            Console.Error.WriteLine($"coxswain: {what}: {exception.Message}");
            return null;
        }
    }

    public void Dispose() => Audit?.Dispose();
}
