using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Finds the threads that a selector names, or says precisely why it cannot.</summary>
internal sealed class SelectorResolver(ITaskSource tasks, ProtectedTasks protectedTasks, PodRegistry pods)
{
    // Enough to see the mistake; a list of a thousand would bury it.
    private const int MaxNamedProblems = 10;

    private readonly PodProblems _podProblems = new(pods);

    /// <param name="request">What is asked for: the operator may allow protected threads to be raised.</param>
    /// <param name="details">What others need to know of the threads found, beside what the selector itself needs.</param>
    /// <exception cref="IntentRejectedException">Nothing is named, or something that must not be.</exception>
    public Resolution Resolve(IntentRequest request, TaskDetails details) =>
        request.Selector.Pids.Count > 0 ? ResolvePids(request, details) : ResolveAll(request, details);

    private Resolution ResolvePids(IntentRequest request, TaskDetails details)
    {
        var selector = request.Selector;
        var found = new List<TaskInfo>();
        var problems = new List<string>();
        var missing = new List<int>();
        HashSet<TaskKey> processes = [], threads = [];
        foreach (var pid in selector.Pids)
        {
            var task = tasks.Find(pid);
            var living = task switch
            {
                null => [],
                { IsLeader: true } => tasks.ReadProcess(pid, details).Tasks.Where(thread => !thread.IsDead).ToList(),
                _ => task.IsDead ? [] : [.. tasks.ReadProcess(task.ProcessId, details).Tasks.Where(thread => thread.Key == task.Key)],
            };
            if (living.Count == 0)
            {
                missing.Add(pid);
            }
            else if (protectedTasks.WhyProtected(task!, request.Effect.RaisesOnly) is { } why)
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
        return new Resolution(new ResolvedSelector(selector, pods) { Processes = processes, Threads = threads }, distinct, [], []);
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

    private Resolution ResolveAll(IntentRequest request, TaskDetails details)
    {
        var selector = request.Selector;
        var target = new ResolvedSelector(selector, pods);
        IReadOnlyList<PodInfo> named = selector.NamesPods ? _podProblems.Check(selector, target) : [];
        if (request.UntilPodsEnd)
        {
            named = [.. named.Where(pod => request.BoundPods?.Contains(pod.Uid) != false)];
            if (named.Count == 0)
            {
                throw new IntentRejectedException(RejectionCause.NoSuchPod, "all pods that it was bound to have ended");
            }

            target = new ResolvedSelector(selector, pods) { OnlyPods = named.Select(pod => pod.Uid).ToHashSet() };
        }

        var found = new List<TaskInfo>();
        var skipped = new List<SkippedTask>();
        var all = tasks.ReadAll(target.Details | details).Tasks;
        foreach (var task in all.Where(target.Names))
        {
            if (protectedTasks.WhyProtected(task, request.Effect.RaisesOnly) is { } why)
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
            return new Resolution(target, found, skipped, named) { Total = all.Count(task => !task.IsDead && protectedTasks.WhyProtected(task) is null) };
        }

        throw skipped.Count > 0
            ? new IntentRejectedException(
                RejectionCause.Protected,
                $"{Quoted(selector)} matches only protected threads, e.g. {skipped[0].Task.Key.Tid} ({skipped[0].Task.Command}): {skipped[0].Reason}")
            : new IntentRejectedException(RejectionCause.NoSuchTask, NothingFound(selector, target, all));
    }

    private static string Quoted(Selector selector) =>
        selector.ToString() == Selector.OfCommand(selector.Command).ToString() ? $"command \"{selector.Command}\"" : $"the selection ({selector})";

    private string NothingFound(Selector selector, ResolvedSelector target, IReadOnlyList<TaskInfo> all)
    {
        var inScope = all.Where(task => !task.IsDead && target.IsInScope(task)).ToList();
        if (inScope.Count == 0)
        {
            return selector switch
            {
                { NamesPods: true } => $"the selection ({selector}) names pods, but none of them has a running process",
                { Unit.Length: > 0 } => $"unit \"{selector.Unit}\" has no running process{Similar(selector.Unit, all.Select(task => pods.Identify(task.Cgroup).Unit))}",
                _ => $"cgroup \"{selector.Cgroup}\" has no running process{Similar(selector.Cgroup, all.Select(task => task.Cgroup))}",
            };
        }

        if (selector.Command.Length == 0)
        {
            return $"user {selector.Uid} runs no process there";
        }

        var names = inScope.Where(task => protectedTasks.WhyProtected(task) is null).SelectMany(task => new[] { task.ProcessCommand, task.Command }).ToList();
        var similar = target.MatchesNames ? NearMiss.OfPattern(selector.Command, names) : [];
        var there = selector.NamesPods && similar.Count == 0 ? $"; there run: {string.Join(", ", names.Distinct().Take(MaxNamedProblems))}" : "";
        return $"command \"{selector.Command}\" matches no {(target.MatchesNames ? "thread and no process" : "process")}{(selector.NamesPods ? " of these pods" : "")}" +
            (similar.Count > 0 ? $"; similar: {string.Join(", ", similar)}" : there);
    }

    private static string Similar(string wanted, IEnumerable<string> known)
    {
        var names = NearMiss.Of(wanted, known);
        return names.Count > 0 ? $"; similar: {string.Join(", ", names)}" : "";
    }
}
