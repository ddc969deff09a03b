namespace Coxswain.Core.Intents;

/// <summary>What applying a request would do now. Preview and apply start from the same one.</summary>
/// <param name="Intent">The intent, not yet in force.</param>
/// <param name="Previous">The active intent that it would renew; null when it is a new one.</param>
/// <param name="Resolution">The threads.</param>
/// <param name="Conflicts">Changes of other authors for the same pods.</param>
internal sealed record IntentPlan(Intent Intent, Intent? Previous, Resolution Resolution, IReadOnlyList<PlannedConflict> Conflicts)
{
    /// <summary>What is named, by name and identity: the pods, or else the processes. Ascending.</summary>
    public SortedDictionary<string, string> Named()
    {
        var named = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Intent.Request.Selector.NamesPods)
        {
            foreach (var pod in Resolution.Pods)
            {
                named[pod.Title] = pod.Uid;
            }
        }
        else
        {
            foreach (var task in Resolution.Tasks)
            {
                named[$"process {task.ProcessId} ({task.ProcessCommand})"] = task.Process.ToString();
            }
        }

        return named;
    }
}
