using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Results;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Documents;

/// <summary>Applies the entries of a document one by one, or tells what that would do. One that is refused does not hold up the others.</summary>
/// <remarks>What must be confirmed is asked for once, for the whole document and before the first entry: how much it covers counts, not in how many pieces.</remarks>
internal sealed class DocumentApplier(IntentService intents, TimeProvider time)
{
    private const int MaxText = 600;

    /// <summary>Applies a document.</summary>
    /// <param name="entries">What it asks for.</param>
    /// <param name="complete">Adds what the document does not say: who asks, and how.</param>
    /// <param name="dryRun">True: changes nothing.</param>
    /// <exception cref="IntentRejectedException">It covers so much that it must be confirmed. Nothing was changed.</exception>
    public StrategiesResult Apply(IReadOnlyList<DocumentEntry> entries, Func<IntentRequest, IntentRequest> complete, bool dryRun)
    {
        var unconfirmed = intents.Unconfirmed(entries.Select(entry => entry.Request).OfType<IntentRequest>().Select(complete).Where(request => !request.Confirmed));
        if (unconfirmed.Length > 0 && !dryRun)
        {
            throw new IntentRejectedException(RejectionCause.Unconfirmed, unconfirmed);
        }

        var rows = entries.Select(entry => Apply(entry, complete, dryRun)).ToList();
        var refused = rows.Count(row => row.Outcome == EntryOutcome.Refused);
        return new StrategiesResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            DryRun = dryRun,
            Applied = dryRun ? 0 : rows.Count - refused,
            Refused = refused,
            Entries = rows,
            NeedsConfirmation = unconfirmed.Length > 0 ? unconfirmed : null,
            Hint = Hint(rows.Count, refused, dryRun, unconfirmed.Length > 0),
        };
    }

    private EntryRow Apply(DocumentEntry entry, Func<IntentRequest, IntentRequest> complete, bool dryRun)
    {
        var row = new EntryRow
        {
            Name = entry.Name,
            Outcome = EntryOutcome.Refused,
            Selector = entry.Request is { } named ? CommandText.Clean(named.Selector.ToString(), MaxText) : null,
            Class = Wire.Class(entry.Request?.Effect.Class ?? default),
            SliceUs = Wire.Positive(entry.Request?.Effect.SliceUs ?? 0),
            Fields = entry.Fields.Count > 0 ? [.. entry.Fields.Select(note => $"{note.Field}: {note.Became}")] : null,
            NotUnderstood = entry.NotUnderstood.Count > 0 ? entry.NotUnderstood : null,
        };
        if (entry.Request is not { } request)
        {
            return row with { Problem = entry.Problem };
        }

        try
        {
            return Apply(row, complete(request), dryRun);
        }
        catch (IntentRejectedException exception)
        {
            // Threads may have been born since all entries were looked at.
            var more = exception.Cause == RejectionCause.Unconfirmed ? ": confirm=true is needed" : "";
            return row with { Problem = CommandText.Clean(exception.Message + more, MaxText) };
        }
    }

    private EntryRow Apply(EntryRow row, IntentRequest request, bool dryRun)
    {
        if (!dryRun)
        {
            var result = intents.Apply(request);
            return row with
            {
                Outcome = result.AlreadyActive ? EntryOutcome.Renewed : EntryOutcome.Applied,
                ChangeId = result.Change.Id,
                Threads = result.Applied.Count,
                Pods = Wire.Positive(result.Pods.Count),
                Shadowed = Wire.Positive(result.Change.ShadowedCount),
                VisibleInKernel = result.VisibleInKernel,
                ExpiresAt = Wire.Time(result.Change.ExpiresAt),
            };
        }

        var preview = intents.Preview(request);
        var problem = preview.Conflicts.Count > 0 && !request.Replaces
            ? $"pods are covered by {preview.Conflicts[0].Change.Id} of another client: on_conflict=\"replace\" is needed"
            : null;
        return row with
        {
            Outcome = problem is null ? EntryOutcome.WouldApply : EntryOutcome.Refused,
            Threads = preview.Tasks.Count,
            Pods = Wire.Positive(preview.Pods.Count),
            Shadowed = Wire.Positive(preview.Tasks.Count(planned => planned.Shadowed)),
            Problem = problem,
        };
    }

    private static string Hint(int entries, int refused, bool dryRun, bool unconfirmed) => (refused, dryRun) switch
    {
        _ when unconfirmed => "Nothing was changed. All of it would be refused unless confirm=true is passed: ask the operator first.",
        _ when refused == entries => "Each entry was refused; problem says why. Nothing was changed.",
        (_, true) => "Nothing was changed. Call again without dry_run to apply it.",
        (0, _) => "All entries are in force; list_changes shows them, revert ends them.",
        _ => "Entries that were refused changed nothing; problem says why. The others are in force; list_changes shows them.",
    };
}
