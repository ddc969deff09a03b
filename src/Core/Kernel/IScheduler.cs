namespace Coxswain.Core.Kernel;

/// <summary>The scheduler as the rest of the program sees it: its state, read from the kernel, and its directives.</summary>
public interface IScheduler
{
    /// <summary>How the scheduler stands now, read from the kernel at the call; cheap, for those who look often. Thread-safe.</summary>
    SchedulerState ReadState();

    /// <summary>How it stands, and what has been counted since it was attached: to be added up over all CPUs. Thread-safe.</summary>
    SchedulerSnapshot Snapshot();

    /// <summary>The directives in the kernel. When no scheduler is attached, writing throws.</summary>
    IDirectiveStore Directives { get; }

    /// <summary>The directives of cgroups in the kernel. When no scheduler is attached, using them throws.</summary>
    ICgroupDirectiveStore CgroupDirectives { get; }

    /// <summary>The CPU sets that directives name. When no scheduler is attached, using them throws.</summary>
    ICpuSetStore CpuSets { get; }
}
