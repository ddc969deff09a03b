using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// Why a thread is scheduled as it is.
public sealed partial class IntentService
{
    /// <summary>Explains one thread: which changes name it, which of them decides, what the kernel has, and whether both agree.</summary>
    /// <param name="tid">Thread id.</param>
    /// <returns>Null when there is no such thread.</returns>
    public TaskExplanation? Explain(int tid)
    {
        _pods.Refresh();
        lock (_gate)
        {
            Follow();
            EndExpired();
            if (_tasks.Find(tid) is not { } found ||
                _tasks.ReadProcess(found.ProcessId, _book.Details | TaskDetails.Cgroup).Tasks.FirstOrDefault(thread => thread.Key == found.Key) is not { } task)
            {
                return null;
            }

            var wanted = _compiler.Compile(task);
            var (own, ofCgroup, path) = ReadBoth(task);
            var effective = own ?? ofCgroup ?? default;
            return new TaskExplanation(
                task, _pods.PodOf(task), _protectedTasks.WhyProtected(task), Matches(task, wanted),
                wanted == default ? null : View(wanted), own is { } mine ? View(mine) : null, ofCgroup is { } theirs ? View(theirs) : null,
                path, wanted == effective with { Generation = 0 });
        }
    }

    private List<MatchedChange> Matches(TaskInfo task, Directive wanted) =>
        [.. _book.Active.Where(intent => intent.Target.Names(task) && _protectedTasks.WhyProtected(task, intent.Request.Effect.RaisesOnly) is null).Select(intent => new MatchedChange(
            intent.Describe(), wanted.ClassIntent == intent.Number, wanted.SliceIntent == intent.Number)
            {
                DecidesCpus = wanted.CpusIntent == intent.Number,
            })];

    private (Directive? Own, Directive? OfCgroup, string Path) ReadBoth(TaskInfo task)
    {
        if (!_scheduler.ReadState().Attached)
        {
            return (null, null, "");
        }

        try
        {
            Directive? own = _scheduler.Directives.TryRead(task.Key, out var directive) ? directive : null;
            var path = _cgroups.TryReadNearest(task.Cgroup, out var ofCgroup);
            return (own, path is null ? null : ofCgroup, path ?? "");
        }
        catch (SchedulerUnavailableException)
        {
            return (null, null, ""); // it ended just now
        }
    }
}
