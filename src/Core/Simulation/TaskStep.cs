namespace Coxswain.Core.Simulation;

/// <summary>One thing that a simulated task does.</summary>
public readonly record struct TaskStep
{
    private TaskStep(StepKind kind, long ns = 0, TaskSpec? child = null, int pid = 0)
    {
        Kind = kind;
        Ns = ns;
        Child = child;
        Pid = pid;
    }

    internal StepKind Kind { get; }

    internal long Ns { get; }

    internal TaskSpec? Child { get; }

    internal int Pid { get; }

    /// <summary>Leaves the CPU until another task wakes it.</summary>
    public static TaskStep Block { get; } = new(StepKind.Block);

    /// <summary>Ends.</summary>
    public static TaskStep Exit { get; } = new(StepKind.Exit);

    /// <summary>Uses the CPU for so long, at least 1 ns.</summary>
    public static TaskStep Run(long ns) => new(StepKind.Run, Math.Max(ns, 1));

    /// <summary>Leaves the CPU for so long, at least 1 ns.</summary>
    public static TaskStep Sleep(long ns) => new(StepKind.Sleep, Math.Max(ns, 1));

    /// <summary>Makes another task; takes no time.</summary>
    public static TaskStep Fork(TaskSpec child) => new(StepKind.Fork, child: child);

    /// <summary>Wakes a blocked task; takes no time, and has no effect on one that is not blocked.</summary>
    public static TaskStep Wake(int pid) => new(StepKind.Wake, pid: pid);
}
