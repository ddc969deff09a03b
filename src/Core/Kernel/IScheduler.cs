namespace Coxswain.Core.Kernel;

/// <summary>The scheduler as the rest of the program sees it: its state, read from the kernel, and its directives.</summary>
public interface IScheduler
{
    /// <summary>What the scheduler is doing now, read from the kernel at the call. Thread-safe.</summary>
    SchedulerSnapshot Snapshot();

    /// <summary>The directives in the kernel. When no scheduler is attached, writing throws.</summary>
    IDirectiveStore Directives { get; }

    /// <summary>The directives of cgroups in the kernel. When no scheduler is attached, using them throws.</summary>
    ICgroupDirectiveStore CgroupDirectives { get; }

    /// <summary>The CPU sets that directives name. When no scheduler is attached, using them throws.</summary>
    ICpuSetStore CpuSets { get; }
}
