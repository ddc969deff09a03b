using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// What a revert would do, found out in the same way as it is then done.
public sealed partial class IntentService
{
    /// <summary>Tells what <see cref="Revert(IReadOnlyCollection{string})"/> would do now. Changes nothing.</summary>
    /// <param name="ids">Ids of the changes.</param>
    /// <exception cref="IntentRejectedException">None of the ids is known.</exception>
    public RevertPreview PreviewRevert(IReadOnlyCollection<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_gate)
        {
            Follow();
            EndExpired();
            var (active, ended, unknown) = Find(ids);
            return Preview(active, ended, unknown);
        }
    }

    /// <summary>Tells what <see cref="RevertAll"/> would do now. Changes nothing.</summary>
    /// <param name="author">Only those that this one asked for; null: whoever asked.</param>
    public RevertPreview PreviewRevertAll(string? author = null)
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            return Preview(OfAuthor(author), [], []);
        }
    }

    private (List<Intent> Active, List<Change> Ended, List<string> Unknown) Find(IReadOnlyCollection<string> ids)
    {
        List<Intent> active = [];
        List<Change> ended = [];
        List<string> unknown = [];
        foreach (var id in ids.Distinct())
        {
            if (_book.FindActive(id) is { } intent)
            {
                active.Add(intent);
            }
            else if (_book.FindEnded(id) is { } change)
            {
                ended.Add(change);
            }
            else
            {
                unknown.Add(id);
            }
        }

        return active.Count + ended.Count > 0 ? (active, ended, unknown) : throw new IntentRejectedException(RejectionCause.UnknownChange, UnknownIds(unknown));
    }

    private List<Intent> OfAuthor(string? author)
    {
        author = author is null ? null : CommandText.Clean(author, IntentLimits.MaxAuthorLength);
        return [.. _book.Active.Where(intent => author is null || intent.Request.Author == author)];
    }

    private RevertPreview Preview(List<Intent> ending, List<Change> ended, List<string> unknown)
    {
        var tasks = ending.SelectMany(intent => intent.Processes).Distinct().SelectMany(Threads)
            .Where(task => ending.Exists(intent => intent.Holds(task.Key))).OrderBy(task => (task.ProcessId, task.Key.Tid)).ToList();
        var before = ReadDirectives(tasks);
        var shadowed = tasks.ConvertAll(task => ending.TrueForAll(intent => !intent.Holds(task.Key) || intent.IsShadowed(task.Key)));
        List<Change> changes = [.. ending.Select(intent => intent.Describe()).OrderByDescending(change => change.Number)];
        ending.ForEach(_book.Remove);
        try
        {
            List<PlannedTask> planned = [.. tasks.Select((task, i) => new PlannedTask(task, before[i], View(_compiler.Compile(task)), shadowed[i]))];
            return new RevertPreview(changes, ended, unknown, planned, _book.Active.Count);
        }
        finally
        {
            ending.ForEach(_book.Put);
            // Others noted that they were not overridden; let them look again.
            tasks.ForEach(task => _compiler.Compile(task));
        }
    }
}
