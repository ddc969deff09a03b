namespace Coxswain.Core.Kernel;

/// <summary>
/// The CPU sets that directives name by number. A task runs on the CPUs of a hard set only, as far as its own affinity
/// allows them; where it allows none that is online, the set does not count. The CPUs of a soft set are preferred: others
/// take the task when they have nothing else to do.
/// </summary>
/// <remarks>Not thread-safe: one writer.</remarks>
public interface ICpuSetStore
{
    /// <summary>Most sets at one time.</summary>
    const int Max = Wire.Home.MaxCpuSets - 1;

    /// <summary>
    /// Makes a set known to the scheduler, to be written into directives afterwards. The same set gives the same number;
    /// each call wants a <see cref="Release"/>.
    /// </summary>
    /// <param name="cpus">Ids of CPUs that the machine can have, at least one.</param>
    /// <param name="hard">Only these, instead of: preferably these.</param>
    /// <returns>The number of the set, from 1 on.</returns>
    /// <exception cref="ArgumentException">No CPU, or one that this machine cannot have.</exception>
    /// <exception cref="SchedulerUnavailableException">There are <see cref="Max"/> sets already, or the kernel refused.</exception>
    int Define(IReadOnlyCollection<int> cpus, bool hard);

    /// <summary>Gives a set up, after the directives that name it were removed and that was published.</summary>
    /// <param name="cpuSet">The number that <see cref="Define"/> gave.</param>
    /// <exception cref="ArgumentException">There is no such set.</exception>
    void Release(int cpuSet);

    /// <summary>Reads back the CPUs of a set from the scheduler.</summary>
    /// <param name="cpuSet">The number that <see cref="Define"/> gave.</param>
    /// <exception cref="ArgumentException">There is no such set.</exception>
    IReadOnlyList<int> Read(int cpuSet);
}
