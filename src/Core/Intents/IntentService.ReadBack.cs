using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// What the kernel has, as opposed to what was sent to it.
public sealed partial class IntentService
{
    private const string EndedMeanwhile = "ended meanwhile";

    /// <summary>Reads what the kernel holds for threads: their own directive, else that of the nearest cgroup if they were read with it.</summary>
    /// <returns>One entry per thread, in the same order; null where the kernel has nothing in force.</returns>
    public IReadOnlyList<TaskDirective?> ReadDirectives(IReadOnlyList<TaskInfo> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var found = new TaskDirective?[tasks.Count];
        lock (_gate)
        {
            if (!_scheduler.ReadState().Attached)
            {
                return found;
            }

            try
            {
                for (var i = 0; i < found.Length; i++)
                {
                    found[i] = TryReadEffective(tasks[i], out var directive) ? View(directive) : null;
                }
            }
            catch (SchedulerUnavailableException)
            {
                // It ended just now: nothing is in force.
                Array.Clear(found);
            }
        }

        return found;
    }

    private bool TryReadEffective(TaskInfo task, out Directive directive) =>
        _scheduler.Directives.TryRead(task.Key, out directive) ||
        (_cgroups.Directed.Count > 0 && _cgroups.TryReadNearest(task.Cgroup, out directive) is not null);

    private List<AppliedTask> ReadBack(List<TaskInfo> written, List<SkippedTask> skipped, out bool visible)
    {
        visible = true;
        var applied = new List<AppliedTask>(written.Count);
        foreach (var task in written)
        {
            if (_reconciler.TryReadBack(task.Key, out var seen, out var asWritten))
            {
                applied.Add(new AppliedTask(task, View(seen)));
                visible &= asWritten;
            }
            else if (_tasks.Find(task.Key.Tid)?.Key == task.Key)
            {
                applied.Add(new AppliedTask(task, View(default)));
                visible = false;
            }
            else
            {
                skipped.Add(new SkippedTask(task, EndedMeanwhile));
            }
        }

        return applied;
    }

    private TaskDirective View(in Directive directive)
    {
        var now = IntentClock.Now(_time);
        var classLeft = directive.Class == SchedulingClass.Unset ? 0 : IntentClock.SecondsUntil(now, directive.ClassExpiresNs);
        var sliceLeft = directive.SliceNs == 0 ? 0 : IntentClock.SecondsUntil(now, directive.SliceExpiresNs);
        var cpusLeft = directive.CpusIntent == 0 ? 0 : IntentClock.SecondsUntil(now, directive.CpusExpiresNs);
        var ids = new List<string>(3);
        foreach (var number in new[] { classLeft > 0 ? directive.ClassIntent : 0, sliceLeft > 0 ? directive.SliceIntent : 0, cpusLeft > 0 ? directive.CpusIntent : 0 })
        {
            if (number != 0 && _book.IdOf(number) is { } id && !ids.Contains(id))
            {
                ids.Add(id);
            }
        }

        return new TaskDirective(
            classLeft > 0 ? directive.Class : SchedulingClass.Unset, classLeft,
            sliceLeft > 0 ? (int)(directive.SliceNs / 1000) : 0, sliceLeft, ids)
        {
            BudgetPercent = classLeft > 0 ? DirectiveCompiler.BudgetPercentOf(directive) : 0,
            Cpus = cpusLeft > 0 ? CpusOf(directive) : "",
            CpusExpiresInSeconds = cpusLeft,
        };
    }

    // From the scheduler's own memory; a preview's set is not there yet.
    private string CpusOf(in Directive directive)
    {
        var number = directive.CpusIntent;
        return directive.CpuSet != 0
            ? CpuChoice.Format(_scheduler.CpuSets.Read((int)directive.CpuSet))
            : _book.Active.FirstOrDefault(intent => intent.Number == number)?.Request.Effect.Cpus?.ToString() ?? "";
    }
}
