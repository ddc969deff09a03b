using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Experiments;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class RunExperimentTool(ExperimentService experiments, TimeProvider time)
{
    [McpServerTool(
        Name = "run_experiment", Title = "Run experiment", ReadOnly = false, Destructive = true, Idempotent = false, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Finds out whether a change helps: switches it on and off in random order and compares; with the cost to bystanders. Reverts " +
        "it unless better by keep_if_better_pct, or when cancelled.")]
    public async Task<ExperimentToolResult> RunExperiment(
        McpServer server,
        IProgress<ProgressNotificationValue> progress,
        [Description("What to try, e.g. {slice_us: 2000, pods: [smf-0], ttl_seconds: 1800}.")]
        JsonObject intent,
        [Description("Judged by this.")]
        MetricName metric = MetricName.WaitP99,
        [Description("Whose metric, if others, e.g. {namespace: free5gc}.")]
        JsonObject? workload = null,
        [Description("An even number.")]
        [Range(ExperimentDesign.MinPeriods, ExperimentDesign.MaxPeriods)]
        int periods = ExperimentDesign.DefaultPeriods,
        [Description("Length of each.")]
        [Range(ExperimentDesign.MinPeriodSeconds, ExperimentDesign.MaxPeriodSeconds)]
        int period_seconds = ExperimentDesign.DefaultPeriodSeconds,
        [Description("Keep it if so much better.")]
        [Range(1, 99)]
        int? keep_if_better_pct = null,
        [Description(SelectorArguments.Confirm)]
        bool confirm = false,
        CancellationToken cancellationToken = default)
    {
        var wanted = Read("intent", intent);
        var design = new ExperimentDesign
        {
            Periods = periods,
            PeriodSeconds = period_seconds,
            Measure = (ObservedMeasure)metric,
            Seed = Random.Shared.Next(),
        };
        var request = new ExperimentRequest
        {
            Intent = wanted with { Author = Caller.NameOf(server), TraceId = CallTrace.Current, Confirmed = confirm },
            Workload = workload is null ? null : Whose(workload),
            Design = design,
            KeepIfBetterPercent = keep_if_better_pct,
        };
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ClientPresence.Gone);
        try
        {
            return ExperimentReport.Of(await experiments.RunAsync(request, ExperimentReport.Progress(progress), gone.Token).ConfigureAwait(false), design, metric, time);
        }
        catch (OperationCanceledException) when (ClientPresence.Gone.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ToolRefusedException("the client has left, and what was tried is reverted");
        }
        catch (ObserverUnavailableException exception)
        {
            throw new ToolRefusedException(exception.Message);
        }
        catch (IntentRejectedException exception) when (exception.Cause == RejectionCause.Conflict)
        {
            // Other tools may put a change before another one; what is tried in this way would be measured against that one.
            throw new ToolRefusedException($"{exception.Message}. list_changes shows what is in force");
        }
    }

    private static IntentRequest Read(string name, JsonObject fields)
    {
        var entry = ChangeReader.ReadOne(name, fields, IntentLimits.DefaultTtlSeconds);
        return entry.Request ?? throw new ToolRefusedException($"{name}: {entry.Problem}");
    }

    private static Selector Whose(JsonObject workload)
    {
        var named = Read("workload", workload);
        return named.Effect == default && named.Selector.ToString().Length > 0
            ? named.Selector
            : throw new ToolRefusedException("workload only names threads: give namespace, label_selector, pods, command, cgroup, unit or pids");
    }
}
