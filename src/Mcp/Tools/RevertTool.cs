using System.ComponentModel;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class RevertTool(IntentService intents, ExperimentService experiments, TimeProvider time)
{
    [McpServerTool(
        Name = "revert", Title = "Revert", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Ends changes at once and takes them out of the kernel; threads go back to an older change or to normal. Use it when a change " +
        "did not help; all=true undoes everything.")]
    public async Task<RevertToolResult> Revert(
        McpServer server,
        [Description("e.g. chg_7f2kq, from list_changes. Use one of these.")]
        [Items(IntentLimits.MaxActiveIntents)]
        string[]? change_ids = null,
        [Description("true: every active change, of anybody.")]
        bool all = false,
        [Description("true: those of this client.")]
        bool mine = false)
    {
        var result = (change_ids, all, mine) switch
        {
            ({ } ids, false, false) => intents.Revert(ids),
            (null, true, false) => await RevertAllAsync(null).ConfigureAwait(false),
            (null, false, true) => await RevertAllAsync(Caller.NameOf(server)).ConfigureAwait(false),
            _ => throw Unclear(change_ids, all, mine),
        };
        return new RevertToolResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Reverted = result.Reverted.Count,
            Changes = [.. result.Reverted.Concat(result.AlreadyEnded).Select(Row)],
            NotFound = result.NotFound.Count > 0 ? result.NotFound : null,
            ThreadsRestored = result.TasksRestored,
            GoneFromKernel = result.GoneFromKernel,
            RemainingActive = result.RemainingActive,
            Hint = Hint(result),
        };
    }

    /// <summary>Tells what it would do with the same arguments.</summary>
    /// <exception cref="ToolRefusedException">They do not say clearly what is meant.</exception>
    /// <exception cref="IntentRejectedException">None of the ids is known.</exception>
    public static RevertPreview Preview(IntentService intents, McpServer server, string[]? change_ids, bool all, bool mine) => (change_ids, all, mine) switch
    {
        ({ } ids, false, false) => intents.PreviewRevert(ids),
        (null, true, false) => intents.PreviewRevertAll(),
        (null, false, true) => intents.PreviewRevertAll(Caller.NameOf(server)),
        _ => throw Unclear(change_ids, all, mine),
    };

    private static ToolRefusedException Unclear(string[]? ids, bool all, bool mine) => new((ids, all, mine) switch
    {
        (null, false, false) => "nothing is named: give change_ids (list_changes shows them), mine=true or all=true",
        (null, true, true) => "mine=true and all=true cannot be combined: give one of them",
        _ => $"change_ids and {(all ? "all" : "mine")}=true cannot be combined: give one of them",
    });

    // First: an experiment that goes on would switch its change on again.
    private async Task<RevertResult> RevertAllAsync(string? author)
    {
        await experiments.StopAsync(author, "all changes were reverted").ConfigureAwait(false);
        return intents.RevertAll(author);
    }

    private static RevertedRow Row(Change change) => new()
    {
        ChangeId = change.Id,
        EndedBy = (EndedBy)change.EndCause,
        EndedAt = Wire.Time(change.EndedAt ?? default),
    };

    private static string Hint(RevertResult result)
    {
        var hint = result switch
        {
            { Reverted.Count: 0, AlreadyEnded.Count: 0 } => "No change was active: nothing had to be reverted.",
            { Reverted.Count: 0 } => "All of them had ended before: nothing had to be reverted.",
            { RemainingActive: 0 } => "No change is in force any more.",
            _ => $"{result.RemainingActive} changes are still in force; list_changes shows them.",
        };
        return result.GoneFromKernel
            ? hint
            : hint + " Threads are being created too fast to search them all; what is left ends at the change's expiry, or within seconds.";
    }
}
