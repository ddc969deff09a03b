using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace Coxswain.Mcp.Hosting;

/// <summary>Makes the logger: standard error, and a file if one is named. Never standard output.</summary>
internal static class LogSetup
{
    private const string Line = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} [{Level:u3}] {Message:lj}{NewLine}{Exception}";
    private const long LargestFile = 10 * 1024 * 1024;
    private const int KeptFiles = 5;

    /// <summary>Creates the logger.</summary>
    /// <exception cref="IOException">The log file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The log file may not be written.</exception>
    public static Logger Create(McpOptions options)
    {
        // What goes wrong inside the sinks would be silent otherwise.
        SelfLog.Enable(Console.Error);
        var setup = new LoggerConfiguration()
            .MinimumLevel.Is(options.LogLevel)
            .WriteTo.Console(
                outputTemplate: Line,
                formatProvider: CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose);
        if (options.LogLevel > LogEventLevel.Debug)
        {
            // Each message of the protocol is a line of theirs.
            setup.MinimumLevel.Override("ModelContextProtocol", LogEventLevel.Warning)
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning);
        }

        if (options.LogFile.Length > 0)
        {
            // The sink drops what it cannot write; a wrong path should be told at once.
            File.OpenHandle(options.LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite).Dispose();
            setup.WriteTo.File(
                options.LogFile,
                outputTemplate: Line,
                formatProvider: CultureInfo.InvariantCulture,
                fileSizeLimitBytes: LargestFile,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: KeptFiles);
        }

        return setup.CreateLogger();
    }
}
