using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>Finds the threads that a selector names, or says precisely why it cannot.</summary>
internal sealed class SelectorResolver(ITaskSource tasks, ProtectedTasks protectedTasks)
{
    // Enough to see the mistake; a list of a thousand would bury it.
    private const int MaxNamedProblems = 10;

    /// <exception cref="IntentRejectedException">Nothing is named, or something that must not be.</exception>
    public Resolution Resolve(Selector selector)
    {
        var resolution = selector.Command.Length > 0 ? ResolveCommand(selector.Command) : ResolvePids(selector.Pids);
        if (resolution.Tasks.Count > IntentLimits.MaxTasksPerIntent)
        {
            throw new IntentRejectedException(
                RejectionCause.LimitExceeded,
                $"{resolution.Tasks.Count} threads are named, at most {IntentLimits.MaxTasksPerIntent} can be covered by one change; narrow the selection");
        }

        return resolution;
    }

    private Resolution ResolvePids(IReadOnlyList<int> pids)
    {
        var found = new List<TaskInfo>();
        var problems = new List<string>();
        var missing = new List<int>();
        HashSet<TaskKey> processes = [], threads = [];
        foreach (var pid in pids)
        {
            var task = tasks.Find(pid);
            var living = task switch
            {
                null => [],
                { IsLeader: true } => tasks.ReadProcess(pid, TaskDetails.None).Tasks.Where(thread => !thread.IsDead).ToList(),
                _ => task.IsDead ? [] : [task],
            };
            if (living.Count == 0)
            {
                missing.Add(pid);
            }
            else if (protectedTasks.WhyProtected(task!) is { } why)
            {
                problems.Add($"pid {pid} ({task!.Command}) is protected: {why}");
            }
            else
            {
                (task!.IsLeader ? processes : threads).Add(task.Key);
                found.AddRange(living);
            }
        }

        Refuse(missing, problems);
        // A process and one of its threads may both be named.
        var distinct = found.DistinctBy(task => task.Key).ToList();
        return new Resolution(new ResolvedSelector(null, processes, threads), distinct, []);
    }

    private static void Refuse(List<int> missing, List<string> problems)
    {
        if (missing.Count == 0 && problems.Count == 0)
        {
            return;
        }

        var cause = missing.Count > 0 ? RejectionCause.NoSuchTask : RejectionCause.Protected;
        var shown = problems.Take(MaxNamedProblems).ToList();
        if (problems.Count > shown.Count)
        {
            shown.Add($"{problems.Count - shown.Count} more are protected");
        }

        if (missing.Count == 1)
        {
            shown.Insert(0, $"pid {missing[0]} does not exist (any more)");
        }
        else if (missing.Count > 1)
        {
            var more = missing.Count > MaxNamedProblems ? $" and {missing.Count - MaxNamedProblems} more" : "";
            shown.Insert(0, $"pids {string.Join(", ", missing.Take(MaxNamedProblems))}{more} do not exist (any more)");
        }

        throw new IntentRejectedException(cause, string.Join("; ", shown));
    }

    private Resolution ResolveCommand(string command)
    {
        var pattern = CommandPattern.TryCreate(command, out var problem) ??
            throw new IntentRejectedException(RejectionCause.Invalid, problem);
        var target = new ResolvedSelector(pattern, new HashSet<TaskKey>(), new HashSet<TaskKey>());
        var found = new List<TaskInfo>();
        var skipped = new List<SkippedTask>();
        var all = tasks.ReadAll(TaskDetails.None).Tasks;
        foreach (var task in all.Where(target.Names))
        {
            if (protectedTasks.WhyProtected(task) is { } why)
            {
                skipped.Add(new SkippedTask(task, why));
            }
            else
            {
                found.Add(task);
            }
        }

        if (found.Count > 0)
        {
            return new Resolution(target, found, skipped);
        }

        throw skipped.Count > 0
            ? new IntentRejectedException(
                RejectionCause.Protected,
                $"command \"{command}\" matches only protected threads, e.g. {skipped[0].Task.Key.Tid} ({skipped[0].Task.Command}): {skipped[0].Reason}")
            : new IntentRejectedException(RejectionCause.NoSuchTask, $"command \"{command}\" matches no thread and no process{Similar(command, all)}");
    }

    private string Similar(string command, IReadOnlyList<TaskInfo> all)
    {
        var names = NearMiss.OfPattern(command, all.Where(task => !task.IsDead && protectedTasks.WhyProtected(task) is null)
            .SelectMany(task => new[] { task.ProcessCommand, task.Command }));
        return names.Count > 0 ? $"; similar: {string.Join(", ", names)}" : "";
    }
}
