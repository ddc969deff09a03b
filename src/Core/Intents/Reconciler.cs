using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>Makes the directives in the kernel those that the active intents ask for, one thread at a time.</summary>
/// <remarks>
/// Remembers what it wrote, so that a look at all threads each second costs no system call for those that are as they
/// should be. It never takes its memory for the kernel's: results are read back.
/// </remarks>
internal sealed class Reconciler(IScheduler scheduler, DirectiveCompiler compiler)
{
    private readonly Dictionary<TaskKey, Directive> _written = [];

    // Threads of changed processes that were found without a directive. They can have inherited one only at birth,
    // so that one look at each is enough.
    private readonly HashSet<TaskKey> _clean = [];
    private ulong _generation;

    /// <summary>Brings one thread in line.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="thorough">Looks into the kernel even where memory says that there is nothing to remove.</param>
    /// <exception cref="SchedulerUnavailableException">The scheduler ended.</exception>
    public Settlement Settle(TaskInfo task, bool thorough)
    {
        var wanted = compiler.Compile(task);
        return wanted == default ? Remove(task.Key, thorough) : Write(task.Key, wanted);
    }

    /// <summary>Reads a thread's directive back and compares it with what was written.</summary>
    /// <returns>False when the kernel has none for it.</returns>
    public bool TryReadBack(TaskKey task, out Directive seen, out bool asWritten)
    {
        var found = scheduler.Directives.TryRead(task, out seen);
        asWritten = found && _written.TryGetValue(task, out var written) && seen with { Generation = 0 } == written;
        return found;
    }

    /// <summary>Makes the scheduler look at the directives anew.</summary>
    public void Publish() => scheduler.Directives.Publish();

    /// <summary>Forgets a thread that is no more.</summary>
    public void Forget(TaskKey task)
    {
        _written.Remove(task);
        _clean.Remove(task);
    }

    /// <summary>Forgets the threads that are no more.</summary>
    public void ForgetAllBut(IReadOnlySet<TaskKey> living)
    {
        _clean.IntersectWith(living);
        foreach (var task in _written.Keys.Where(task => !living.Contains(task)).ToList())
        {
            _written.Remove(task);
        }
    }

    /// <summary>Forgets everything: the directives have died with the scheduler, or no intent is left.</summary>
    public void ForgetAll()
    {
        _written.Clear();
        _clean.Clear();
    }

    private Settlement Write(TaskKey task, Directive wanted)
    {
        if (_written.TryGetValue(task, out var present) && present == wanted)
        {
            return Settlement.Unchanged;
        }

        if (!scheduler.Directives.TryWrite(task, wanted with { Generation = ++_generation }))
        {
            _written.Remove(task);
            return Settlement.Gone;
        }

        _written[task] = wanted;
        _clean.Remove(task);
        return Settlement.Written;
    }

    private Settlement Remove(TaskKey task, bool thorough)
    {
        var known = _written.Remove(task);
        if (!known && !thorough && _clean.Contains(task))
        {
            return Settlement.Unchanged;
        }

        _clean.Add(task);
        return scheduler.Directives.TryRead(task, out _) && scheduler.Directives.TryRemove(task) ? Settlement.Removed : Settlement.Unchanged;
    }
}
