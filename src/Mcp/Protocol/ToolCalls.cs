using System.Diagnostics;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Tools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>What happens around each tool call: checking its arguments, and turning whatever goes wrong into a text to act on.</summary>
internal sealed partial class ToolCalls(SchedulerHost scheduler, AuditTrail audit, TimeProvider time, ILogger<ToolCalls> log)
{
    private const string NothingChanged = "Nothing was changed.";
    private const int MaxMessage = 1500;

    // A call that comes while the scheduler is being loaded waits for it rather than being refused.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    /// <summary>The filter, for the protocol library.</summary>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Filter(
        McpRequestHandler<CallToolRequestParams, CallToolResult> next) => (context, cancellationToken) =>
        // A tool that does not exist is an error of the protocol, which the library answers.
        context.MatchedPrimitive is McpServerTool tool
            ? context.Services!.GetRequiredService<ToolCalls>().InvokeAsync(tool.ProtocolTool, context, next, cancellationToken)
            : next(context, cancellationToken);

    private async ValueTask<CallToolResult> InvokeAsync(
        Tool tool, RequestContext<CallToolRequestParams> context, McpRequestHandler<CallToolRequestParams, CallToolResult> next,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var refusal = "";
        try
        {
            var arguments = context.Params?.Arguments;
            foreach (var name in ArgumentCheck.NullArguments(tool.InputSchema, arguments))
            {
                arguments!.Remove(name);
            }

            if (ArgumentCheck.Problems(tool.InputSchema, arguments) is { Count: > 0 } problems)
            {
                return Refuse(refusal = Sentence(tool.Name, string.Join("; ", problems), NothingChanged));
            }

            if (Changes(tool) && tool.Name != "revert")
            {
                audit.RequireWritable();
            }

            await WaitForSchedulerAsync(cancellationToken).ConfigureAwait(false);
            return await next(context, cancellationToken).ConfigureAwait(false);
        }
        catch (IntentRejectedException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NextStep(exception.Cause), NothingChanged));
        }
        catch (ToolRefusedException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NothingChanged));
        }
        catch (SchedulerUnavailableException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NextStep(RejectionCause.NotAttached), NothingChanged));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or McpProtocolException))
        {
            LogFailed(log, exception, tool.Name);
            // What a tool had begun has been taken back as far as possible; the agent should look instead of guessing.
            return Refuse(refusal = Sentence(
                tool.Name, $"failed unexpectedly: {exception.GetType().Name}: {exception.Message}",
                "The server's log has the details; list_changes shows what is in force, get_status whether the scheduler is attached."));
        }
        finally
        {
            var client = CommandText.Clean(Caller.NameOf(context.Server), IntentLimits.MaxAuthorLength);
            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            LogCall(log, tool.Name, client, milliseconds, refusal.Length == 0 ? "ok" : refusal);
            if (Changes(tool) || refusal.Length > 0)
            {
                audit.Call(tool.Name, client, context.Params?.Arguments, refusal);
            }
        }
    }

    private static bool Changes(Tool tool) => tool.Annotations?.ReadOnlyHint != true;

    private async Task WaitForSchedulerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await scheduler.Started.WaitAsync(s_startLimit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The call goes on and tells what it can.
        }
    }

    private static string NextStep(RejectionCause cause) => cause switch
    {
        RejectionCause.NoSuchTask => "list_tasks shows what can be named.",
        RejectionCause.Protected => $"Protected are {string.Join(", ", ProtectedTasks.Described)}: name other tasks.",
        RejectionCause.LimitExceeded => "get_status shows the limits, list_changes what is active.",
        RejectionCause.NotAttached => "get_status has the details.",
        RejectionCause.NoSuchPod => "list_pods shows what can be named.",
        RejectionCause.Conflict => "Wait, or pass on_conflict=\"replace\" to put this change before it; list_changes shows it.",
        RejectionCause.NoSuchCpu => "Name CPUs that are there.",
        RejectionCause.StalePlan => "Call dry_run again.",
        RejectionCause.Unconfirmed => "dry_run shows what it covers; pass confirm=true if that is wanted.",
        RejectionCause.UnknownChange => "list_changes(include_ended=true) shows all that are remembered.",
        _ => "",
    };

    private static string Sentence(string tool, string problem, params ReadOnlySpan<string> followed)
    {
        var sentences = new List<string> { $"{tool}: {CommandText.Clean(problem, MaxMessage).TrimEnd('.', ' ')}." };
        foreach (var sentence in followed)
        {
            if (sentence.Length > 0)
            {
                sentences.Add(sentence);
            }
        }

        return string.Join(' ', sentences);
    }

    private static CallToolResult Refuse(string text) => new() { IsError = true, Content = [new TextContentBlock { Text = text }] };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Tool} failed unexpectedly")]
    private static partial void LogFailed(ILogger log, Exception exception, string tool);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Tool} called by {Client}, {Milliseconds:F0} ms: {Outcome}")]
    private static partial void LogCall(ILogger log, string tool, string client, double milliseconds, string outcome);
}
