using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

/// <summary>A task of the simulated kernel.</summary>
public sealed class SimulatedTask
{
    internal SimulatedTask(int pid, TaskSpec spec, ulong startTimeNs)
    {
        Pid = pid;
        Spec = spec;
        StartTimeNs = startTimeNs;
    }

    /// <summary>Thread id.</summary>
    public int Pid { get; }

    /// <summary>Process id.</summary>
    public int Tgid => Spec.Tgid != 0 ? Spec.Tgid : Pid;

    /// <summary>Time of its creation, ns.</summary>
    public ulong StartTimeNs { get; }

    /// <summary>As it was made.</summary>
    public TaskSpec Spec { get; }

    /// <summary>Where it is.</summary>
    public SimulatedTaskState State { get; internal set; }

    /// <summary>CPU that it runs on, or ran on last.</summary>
    public int Cpu { get; internal set; }

    /// <summary>CPU time since its creation, ns, up to its last switch or tick of the clock that concerned it.</summary>
    public ulong UsedNs { get; internal set; }

    /// <summary>How often it was put on a CPU.</summary>
    public long Runs { get; internal set; }

    /// <summary>Longest time that it was ready to run and did not, ns; up to the last time it was put on a CPU.</summary>
    public ulong WaitMaxNs { get; internal set; }

    /// <summary>Time that it was ready to run and did not, ns; up to the last time it was put on a CPU.</summary>
    public ulong WaitedNs { get; internal set; }

    /// <summary>What directs it; null: nothing.</summary>
    public Directive? Directive { get; internal set; }

    /// <summary>Weight of its nice value, in hundredths of nice 0.</summary>
    internal ulong NiceWeight { get; init; }

    // The rest mirrors struct task_ctx of bpf/state.bpf.h, where each member is explained.
    internal ulong Generation;
    internal ulong Parked;
    internal ulong ParkedNs;
    internal ulong Vtime;
    internal ulong Weight;
    internal ulong? RunnableNs;
    internal ulong StartedNs;
    internal ulong RunNs;
    internal ulong GrantedNs;
    internal ulong LeftNs;
    internal ulong? AgedNs;
    internal bool WokenSync;
    internal bool OverBudget;
    internal ulong BudgetWindowNs;
    internal ulong BudgetUsedNs;

    /// <summary>CPU time until the present step is done.</summary>
    internal ulong BurstNs;

    internal DispatchQueue? Queue;
    internal SimulatedHome? Home;
    internal ulong QueueKey;
    internal long QueueOrder;

    internal bool MayRunOn(int cpu) => Spec.Cpus is not { } cpus || cpus.Contains(cpu);

    internal bool IsPinned => Spec.Cpus is { Count: 1 };

    internal bool IsRunnable => State is SimulatedTaskState.Waiting or SimulatedTaskState.Running;
}
