namespace Coxswain.Core.Observe;

/// <summary>Which threads an observation is about.</summary>
/// <param name="Includes">Chooses threads.</param>
public sealed record ObservationScope(Func<ObservedTask, bool> Includes)
{
    /// <summary>The same choice by paths of cgroups, where it is one of whole cgroups: it then reaches back ten minutes in any case.</summary>
    /// <remarks>Null where single threads are chosen. It is asked with an empty path for cgroups that are gone without a name.</remarks>
    public Func<string, bool>? IncludesCgroup { get; init; }

    /// <summary>All threads of this machine.</summary>
    public static ObservationScope Node { get; } = new(_ => true) { IncludesCgroup = _ => true };

    /// <summary>All threads in cgroups of this choice.</summary>
    public static ObservationScope OfCgroups(Func<string, bool> includes) => new(task => includes(task.Cgroup)) { IncludesCgroup = includes };
}
