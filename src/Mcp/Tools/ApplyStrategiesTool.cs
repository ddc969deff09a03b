using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ApplyStrategiesTool(DocumentApplier applier)
{
    [McpServerTool(
        Name = "apply_strategies", Title = "Apply strategies", ReadOnly = false, Destructive = true, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Applies a document: strategies of Gthulhu as they are, or changes as coxswain get writes them. Each entry becomes a change of " +
        "its own or is refused with the reason.")]
    public StrategiesResult ApplyStrategies(
        McpServer server,
        [Description("Lists by name, e.g. default: [{priority: true, selectors: [{key: app, value: upf}]}].")]
        JsonObject? strategies = null,
        [Description("Instead: the whole document as JSON or YAML.")]
        [StringLength(DocumentText.MaxLength, MinimumLength = 1)]
        string? document = null,
        [Description("true: only tells what it would do.")]
        bool dry_run = false,
        [Description("Lifetime of entries that have none.")]
        [Range(IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds)]
        int ttl_seconds = IntentLimits.DefaultTtlSeconds,
        [Description(SelectorArguments.ConflictAgain)]
        OnConflict on_conflict = OnConflict.Refuse,
        [Description(SelectorArguments.Confirm)]
        bool confirm = false)
    {
        try
        {
            var entries = (strategies, document) switch
            {
                ({ } lists, null) => IntentDocument.Read(new JsonObject { ["strategies"] = lists.DeepClone() }, ttl_seconds),
                (null, { } text) => IntentDocument.Read(text, ttl_seconds),
                (null, null) => throw new ToolRefusedException("nothing is given: give strategies, or document"),
                _ => throw new ToolRefusedException("strategies and document cannot be combined: give one of them"),
            };
            return applier.Apply(
                entries,
                request => request with { Author = Caller.NameOf(server), TraceId = CallTrace.Current, Replaces = on_conflict == OnConflict.Replace, Confirmed = confirm },
                dry_run);
        }
        catch (DocumentException exception)
        {
            throw new ToolRefusedException(exception.Message);
        }
    }
}
