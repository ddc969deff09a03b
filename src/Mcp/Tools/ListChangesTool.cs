using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ListChangesTool(IntentService intents, GuardService guards, TimeProvider time)
{
    private const int MaxPids = 50;

    [McpServerTool(
        Name = "list_changes", Title = "List changes", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Lists changes: id, what each sets, for which tasks, by whom and why, when and why it ends. Newest first; only active ones " +
        "unless include_ended. Use it before reverting.")]
    public ChangeListResult ListChanges(
        [Description("true: ended ones too.")]
        bool include_ended = false,
        [Description("e.g. 2026-09-01T12:00:00Z")]
        [StringLength(20)]
        string? since = null,
        [Description("Part of by, e.g. codex")]
        [StringLength(IntentLimits.MaxAuthorLength, MinimumLength = 1)]
        string? client = null,
        [Description("Most changes to return.")]
        [Range(1, 200)]
        int limit = 15,
        [Description("detailed adds times and thread ids.")]
        ResponseFormat response_format = ResponseFormat.Concise,
        [Description("An earlier next_cursor.")]
        [StringLength(20, MinimumLength = 1)]
        string? cursor = null)
    {
        DateTimeOffset? from = since is null ? null : Moment(since);
        var changes = intents.Changes(include_ended).Where(change =>
            (from is null || (change.EndedAt ?? change.CreatedAt) >= from) &&
            (client is null || change.Request.Author.Contains(client, StringComparison.OrdinalIgnoreCase))).ToList();
        // Numbers only grow, so that changes made between two calls move nothing.
        var before = cursor is null ? uint.MaxValue : Number(cursor);
        var rest = changes.Where(change => change.Number < before).ToList();
        var page = rest.Take(RowLimit.Of(limit, response_format)).ToList();
        var more = rest.Count > page.Count;
        return new ChangeListResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Active = changes.Count(change => change.IsActive),
            Total = changes.Count,
            Returned = page.Count,
            Changes = [.. page.Select(change => response_format == ResponseFormat.Detailed ? Whole(change) : Row(change))],
            NextCursor = more ? page[^1].Number.ToString(CultureInfo.InvariantCulture) : null,
            TruncatedHint = more ? $"{changes.Count} changes match; {rest.Count - page.Count} older ones follow with cursor.{RowLimit.Hint(limit, response_format)}" : null,
        };
    }

    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw new ToolRefusedException($"since='{text}' is no time such as 2026-09-01T12:00:00Z, in UTC; as_of of an earlier result is one");

    private static uint Number(string cursor) =>
        uint.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ToolRefusedException("cursor is not one that list_changes returned; call it without cursor to start again");

    private ChangeRow Row(Change change) => new()
    {
        ChangeId = change.Id,
        State = change.IsActive ? ChangeState.Active : ChangeState.Ended,
        Class = Wire.Class(change.Request.Effect.Class),
        SliceUs = Wire.Positive(change.Request.Effect.SliceUs),
        BudgetPct = Wire.Positive(change.Request.Effect.BudgetPercent),
        Cpus = change.Request.Effect.Cpus is { } cpus ? $"{(cpus.IsHard ? "hard" : "soft")} {cpus}" : null,
        Selector = Selector(change.Request.Selector),
        Namespace = Wire.Text(change.Request.Selector.Namespace),
        LabelSelector = Wire.Text(change.Request.Selector.Labels),
        Pods = change.Request.Selector.PodNames.Count > 0 ? change.Request.Selector.PodNames : null,
        Cgroup = Wire.Text(change.Request.Selector.Cgroup),
        Unit = Wire.Text(change.Request.Selector.Unit),
        Uid = change.Request.Selector.Uid,
        UntilPodsEnd = change.Request.UntilPodsEnd ? true : null,
        Command = change.Request.Selector.Command.Length > 0 ? change.Request.Selector.Command : null,
        Pids = change.Request.Selector.Pids.Count > 0 ? [.. change.Request.Selector.Pids.Take(MaxPids)] : null,
        PidsTotal = change.Request.Selector.Pids.Count > MaxPids ? change.Request.Selector.Pids.Count : null,
        Threads = change.TaskCount,
        Shadowed = Wire.Positive(change.ShadowedCount),
        By = change.Request.Author,
        Reason = change.Request.Reason.Length > 0 ? change.Request.Reason : null,
        CreatedAt = change.IsActive ? null : Wire.Time(change.CreatedAt),
        ExpiresInSeconds = change.IsActive ? (int)Math.Max(0, Math.Ceiling((change.ExpiresAt - time.GetUtcNow()).TotalSeconds)) : 0,
        EndedAt = change.EndedAt is { } ended ? Wire.Time(ended) : null,
        Guard = GuardRow.Of(change.Request.Guard),
        OwnGuard = change.IsActive && guards.Status is { Enabled: true } status ? (OwnGuardState)status.Watches.GetValueOrDefault(change.Number) : null,
        EndedBy = Cause(change.EndCause),
        RevertedBy = change.EndCause == EndCause.Guard ? RevertedBy.Guard : null,
        Finding = FindingRow.Of(change.Finding),
    };

    private ChangeRow Whole(Change change) => Row(change) with
    {
        ThreadPids = change.TaskSample,
        Specificity = change.Specificity,
        TraceId = Wire.Text(change.Request.TraceId),
        TtlSeconds = change.Request.TtlSeconds,
        CreatedAt = Wire.Time(change.CreatedAt),
        ExpiresAt = Wire.Time(change.ExpiresAt),
    };

    // A guard reverts, as others do; who it was has a column of its own.
    private static EndedBy? Cause(EndCause cause) => cause switch
    {
        EndCause.None => null,
        EndCause.Guard => EndedBy.Reverted,
        _ => (EndedBy)cause,
    };

    // Pids and a command have columns of their own.
    private static string? Selector(Selector selector) =>
        selector.NamesPods || selector.Cgroup.Length > 0 || selector.Unit.Length > 0 || selector.Uid is not null ? selector.ToString() : null;
}
