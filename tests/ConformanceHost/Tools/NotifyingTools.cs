using System.ComponentModel;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that tell the client something while they run.</summary>
[McpServerToolType]
internal sealed partial class NotifyingTools
{
    // What the scenarios want between two messages.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    [McpServerTool(Name = "test_tool_with_progress", ReadOnly = true), Description("Tells how far it is, three times.")]
    public static async Task<string> ProgressAsync(IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        foreach (var percent in (int[])[0, 50, 100])
        {
            progress.Report(new ProgressNotificationValue { Progress = percent, Total = 100 });
            await Task.Delay(s_pause, cancellationToken);
        }

        return "The progress was told.";
    }

    [McpServerTool(Name = "test_tool_with_logging", ReadOnly = true), Description("Sends three log messages.")]
    public static async Task<string> LoggingAsync(McpServer server, CancellationToken cancellationToken)
    {
        var log = LoggerOf(server);
        foreach (var message in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            LogMessage(log, message);
            await Task.Delay(s_pause, cancellationToken);
        }

        return "The messages were sent.";
    }

    [McpServerTool(Name = "test_logging_tool", ReadOnly = true), Description("Sends a log message, if the request asks for such.")]
    public static async Task<string> LogIfAskedForAsync(McpServer server, CancellationToken cancellationToken)
    {
        var log = LoggerOf(server);
        LogMessage(log, "The tool runs");
        await Task.Delay(s_pause, cancellationToken); // a message that must not come would come before the answer
        return "Messages were sent if the request asked for them.";
    }

    // The library sends only what the client has asked for, by the session's level or that of the request.
    private static ILogger LoggerOf(McpServer server) => server.AsClientLoggerProvider().CreateLogger("fixtures");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Message}")]
    private static partial void LogMessage(ILogger log, string message);
}
