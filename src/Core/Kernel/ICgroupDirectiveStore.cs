using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>
/// The directives of whole cgroups (v2): every present and future thread below has it from its next wake-up on, unless
/// a nearer cgroup or the thread itself has one. Paths are directories, e.g. /sys/fs/cgroup/kubepods.slice.
/// </summary>
/// <remarks>Not thread-safe: one writer. Call <see cref="IDirectiveStore.Publish"/> after a batch.</remarks>
public interface ICgroupDirectiveStore
{
    /// <summary>Writes the directive of a cgroup as one value.</summary>
    /// <returns>False when there is no such cgroup.</returns>
    /// <exception cref="SchedulerUnavailableException">The kernel refused.</exception>
    bool TryWriteCgroup(string path, in Directive directive);

    /// <summary>Reads back what the kernel has for a cgroup itself, not what it inherits.</summary>
    /// <returns>False when there is no such cgroup or it has no directive.</returns>
    bool TryReadCgroup(string path, out Directive directive);

    /// <summary>Deletes a cgroup's directive.</summary>
    /// <returns>False when there is no such cgroup or it had none.</returns>
    bool TryRemoveCgroup(string path);
}
