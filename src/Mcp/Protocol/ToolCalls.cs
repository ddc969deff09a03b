using System.Diagnostics;
using System.Text.Json;
using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
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
internal sealed partial class ToolCalls(
    SchedulerHost scheduler, AuditTrail audit, ToolRegistry tools, Confirmations confirmations, GuardService guards, TimeProvider time, ILogger<ToolCalls> log,
    SimulatedNode? simulated = null)
{
    private const string NothingChanged = "Nothing was changed.";
    private const int MaxMessage = 1500;

    // A call that comes while the scheduler is being loaded waits for it rather than being refused.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    /// <summary>The filter, for the protocol library.</summary>
    public static McpRequestHandler<CallToolRequestParams, CallToolResult> Filter(
        McpRequestHandler<CallToolRequestParams, CallToolResult> next) => async (context, cancellationToken) =>
    {
        CallTrace.Begin(context.Params?.Meta);
        var calls = context.Services!.GetRequiredService<ToolCalls>();
        // A tool that does not exist is an error of the protocol, which the library answers.
        var answer = context.MatchedPrimitive is McpServerTool tool
            ? await calls.AnswerAsync(tool.ProtocolTool, context, next, cancellationToken).ConfigureAwait(false)
            : calls.RefuseOff(context) ?? await next(context, cancellationToken).ConfigureAwait(false);
        CallTrace.Describe(answer);
        return answer;
    };

    // One that is switched off is none: the agent is told why, and does not look for it elsewhere.
    private CallToolResult? RefuseOff(RequestContext<CallToolRequestParams> context)
    {
        var name = context.Params?.Name ?? "";
        if (tools.WhyOff(name) is not { Length: > 0 } why)
        {
            return null;
        }

        var refusal = Sentence(name, why, NothingChanged);
        audit.Call(name, ClientOf(context), context.Params?.Arguments, refusal);
        return Refuse(refusal);
    }

    private async ValueTask<CallToolResult> AnswerAsync(
        Tool tool, RequestContext<CallToolRequestParams> context, McpRequestHandler<CallToolRequestParams, CallToolResult> next,
        CancellationToken cancellationToken)
    {
        var result = await InvokeAsync(tool, context, next, cancellationToken).ConfigureAwait(false);
        return simulated is null ? result : SimulatedAnswer.Mark(result);
    }

    private async ValueTask<CallToolResult> InvokeAsync(
        Tool tool, RequestContext<CallToolRequestParams> context, McpRequestHandler<CallToolRequestParams, CallToolResult> next,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var refusal = "";
        var outcome = "";
        try
        {
            var arguments = context.Params?.Arguments;
            foreach (var name in ArgumentCheck.NullArguments(tool.InputSchema, arguments))
            {
                arguments!.Remove(name);
            }

            if (Peer.Current is { } peer && Toolsets.Of(tool) > peer.Role)
            {
                return Refuse(refusal = Sentence(
                    tool.Name,
                    $"it is for the role {Toolsets.Name(Toolsets.Of(tool))}, and {peer.Name} has the role {Toolsets.Name(peer.Role)}",
                    "Ask the operator to do it, or for that role.", NothingChanged));
            }

            if (ArgumentCheck.Problems(tool.InputSchema, arguments) is { Count: > 0 } problems)
            {
                return Refuse(refusal = Sentence(tool.Name, string.Join("; ", problems), NothingChanged));
            }

            if (MayLeadToChange(tool))
            {
                guards.ExpectChange();
            }

            if (Changes(tool) && tool.Name != "revert")
            {
                audit.RequireWritable();
            }

            await WaitForSchedulerAsync(cancellationToken).ConfigureAwait(false);
            if (confirmations.Take(tool.Name, context))
            {
                Confirm(context);
            }

            return await ConfirmedAsync(tool, context, next, cancellationToken).ConfigureAwait(false);
        }
        catch (InputRequiredException)
        {
            outcome = "to be confirmed";
            throw;
        }
        catch (IntentRejectedException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NextStep(exception.Cause), NothingChanged));
        }
        catch (ToolRefusedException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NothingChanged));
        }
        catch (UnknownStateException exception)
        {
            throw new McpProtocolException(refusal = Sentence(tool.Name, exception.Message, NothingChanged), McpErrorCode.InvalidParams);
        }
        catch (SchedulerUnavailableException exception)
        {
            return Refuse(refusal = Sentence(tool.Name, exception.Message, NextStep(RejectionCause.NotAttached), NothingChanged));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or McpProtocolException or InputRequiredException))
        {
            LogFailed(log, exception, tool.Name);
            // What a tool had begun has been taken back as far as possible; the agent should look instead of guessing.
            return Refuse(refusal = Sentence(
                tool.Name, $"failed unexpectedly: {exception.GetType().Name}: {exception.Message}",
                "The server's log has the details; list_changes shows what is in force, get_status whether the scheduler is attached."));
        }
        finally
        {
            var client = ClientOf(context);
            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            LogCall(
                log, tool.Name, client, CallTrace.Current.Length > 0 ? $" in trace {CallTrace.Current}" : "", milliseconds,
                refusal.Length > 0 ? refusal : outcome.Length > 0 ? outcome : "ok");
            if (outcome.Length == 0 && (Changes(tool) || refusal.Length > 0))
            {
                audit.Call(tool.Name, client, context.Params?.Arguments, refusal);
            }
        }
    }

    // Asked only when the tool finds that it covers much; the call that was confirmed is made again, and checked anew.
    private async ValueTask<CallToolResult> ConfirmedAsync(
        Tool tool, RequestContext<CallToolRequestParams> context, McpRequestHandler<CallToolRequestParams, CallToolResult> next,
        CancellationToken cancellationToken)
    {
        try
        {
            return await next(context, cancellationToken).ConfigureAwait(false);
        }
        catch (IntentRejectedException exception) when (exception.Cause == RejectionCause.Unconfirmed)
        {
            if (!await confirmations.AskAsync(tool.Name, exception.Message, context, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }

        Confirm(context);
        return await next(context, cancellationToken).ConfigureAwait(false);
    }

    private static void Confirm(RequestContext<CallToolRequestParams> context) =>
        (context.Params!.Arguments ??= new Dictionary<string, JsonElement>())["confirm"] = JsonElement.Parse("true");

    private static string ClientOf(RequestContext<CallToolRequestParams> context) =>
        CommandText.Clean(Caller.NameOf(context.Server), IntentLimits.MaxAuthorLength);

    // Who may change something looks around first; get_status is asked by programs that watch the server, too.
    private bool MayLeadToChange(Tool tool) =>
        tool.Name != "get_status" && !tools.Switches.ReadOnly && (Peer.Current?.Role ?? Toolset.Admin) >= Toolset.Control;

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
        RejectionCause.Unobservable => "Leave guard out, or do what the message says.",
        RejectionCause.StalePlan => "Call dry_run again.",
        RejectionCause.Unconfirmed => "dry_run shows what it covers; ask the operator, then call again with confirm=true, or name fewer.",
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Tool} called by {Client}{Trace}, {Milliseconds:F0} ms: {Outcome}")]
    private static partial void LogCall(ILogger log, string tool, string client, string trace, double milliseconds, string outcome);
}
