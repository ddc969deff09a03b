using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Intents;

/// <summary>Makes the directives of cgroups in the kernel those that the active intents ask for.</summary>
/// <remarks>
/// A thread that is born in a directed pod, or a process that its runtime moves into it, has the directive from its first
/// wake-up. A cgroup may be deleted and made anew under the same path, and its directive goes with it: the kernel is
/// looked at each time.
/// </remarks>
/// <param name="scheduler">The scheduler.</param>
/// <param name="compiler">Knows what a cgroup should have.</param>
/// <param name="root">Where cgroup v2 is mounted.</param>
internal sealed class CgroupReconciler(IScheduler scheduler, DirectiveCompiler compiler, string root)
{
    private readonly HashSet<string> _directed = new(StringComparer.Ordinal);

    /// <summary>Brings these cgroups, and all that were directed before, in line.</summary>
    /// <param name="wanted">Cgroups of the active intents.</param>
    /// <returns>How many were changed; the scheduler must then be told.</returns>
    /// <exception cref="SchedulerUnavailableException">The scheduler ended.</exception>
    public int Settle(IEnumerable<string> wanted)
    {
        var changed = 0;
        foreach (var cgroup in wanted.Concat(_directed).Distinct().ToList())
        {
            var directive = compiler.Compile(cgroup);
            var found = scheduler.CgroupDirectives.TryReadCgroup(root + cgroup, out var present);
            if (directive == default)
            {
                changed += found && scheduler.CgroupDirectives.TryRemoveCgroup(root + cgroup) ? 1 : 0;
                _directed.Remove(cgroup);
            }
            else if (found && present with { Generation = 0 } == directive)
            {
                _directed.Add(cgroup);
            }
            else if (scheduler.CgroupDirectives.TryWriteCgroup(root + cgroup, directive))
            {
                _directed.Add(cgroup);
                changed++;
            }
            else
            {
                _directed.Remove(cgroup); // deleted meanwhile, or not to be seen from here: its threads are directed one by one
            }
        }

        return changed;
    }

    /// <summary>Reads what the kernel holds for the nearest directed cgroup above or at a path.</summary>
    /// <returns>The path of that cgroup; null when there is none.</returns>
    public string? TryReadNearest(string cgroup, out Directive directive)
    {
        for (var path = cgroup; path.Length > 1; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            if (scheduler.CgroupDirectives.TryReadCgroup(root + path, out directive))
            {
                return path;
            }
        }

        directive = default;
        return null;
    }

    /// <summary>The cgroups that hold a directive.</summary>
    public IReadOnlyCollection<string> Directed => _directed;

    /// <summary>Forgets everything: the directives have died with the scheduler.</summary>
    public void ForgetAll() => _directed.Clear();
}
