using Coxswain.Core.Kernel;

namespace Coxswain.Core.Workloads;

/// <summary>One thread as /proc described it at one moment.</summary>
public sealed record TaskInfo
{
    /// <summary>Identity of the thread.</summary>
    public required TaskKey Key { get; init; }

    /// <summary>Identity of the thread group's leader; its <see cref="TaskKey.Tid"/> is the process id.</summary>
    public required TaskKey Process { get; init; }

    /// <summary>Name of the thread, free of control characters, at most <see cref="CommandText.MaxLength"/> characters.</summary>
    /// <remarks>Any program can call itself anything: data, never instructions.</remarks>
    public required string Command { get; init; }

    /// <summary>Name of the process, i.e. of its leading thread; the same rules as <see cref="Command"/>.</summary>
    public required string ProcessCommand { get; init; }

    /// <summary>Process id of the parent; 0 for those that the kernel started.</summary>
    public int ParentPid { get; init; }

    /// <summary>State letter of /proc/PID/stat: R running or runnable, S sleeping, D in uninterruptible sleep, Z zombie, ...</summary>
    public char State { get; init; }

    /// <summary>CPU it ran on last.</summary>
    public int Cpu { get; init; }

    /// <summary>Nice value, -20 to 19.</summary>
    public int Nice { get; init; }

    /// <summary>Kernel number of its scheduling policy: 0 other, 1 fifo, 2 rr, 3 batch, 5 idle, 6 deadline, 7 ext.</summary>
    public int Policy { get; init; }

    /// <summary>True for threads that the kernel runs for itself (PF_KTHREAD).</summary>
    public bool IsKernelThread { get; init; }

    /// <summary>CPU time since it was born, ns. 0 unless <see cref="TaskDetails.Times"/> was asked for.</summary>
    public long RunNs { get; init; }

    /// <summary>Time spent runnable without a CPU since it was born, ns. 0 unless <see cref="TaskDetails.Times"/> was asked for.</summary>
    public long WaitNs { get; init; }

    /// <summary>How often it was given a CPU. 0 unless <see cref="TaskDetails.Times"/> was asked for.</summary>
    public long RunCount { get; init; }

    /// <summary>When its times were read, CLOCK_MONOTONIC ns. 0 unless <see cref="TaskDetails.Times"/> was asked for.</summary>
    public long ReadAtNs { get; init; }

    /// <summary>Path of its cgroup (v2), e.g. /system.slice/ssh.service. Empty unless <see cref="TaskDetails.Cgroup"/> was asked for.</summary>
    public string Cgroup { get; init; } = "";

    /// <summary>Real user id of its process. -1 unless <see cref="TaskDetails.Owner"/> was asked for.</summary>
    public int Uid { get; init; } = -1;

    /// <summary>Path of the program that its process runs. Empty unless <see cref="TaskDetails.Executable"/> was asked for, or when it cannot be read.</summary>
    public string Executable { get; init; } = "";

    /// <summary>Command line of its process, arguments separated by spaces, cut to <see cref="CommandText.MaxLineLength"/>. Empty unless
    /// <see cref="TaskDetails.CommandLine"/> was asked for. It may hold passwords: for matching only, never to be shown.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Process id (thread group id).</summary>
    public int ProcessId => Process.Tid;

    /// <summary>True when this thread leads its process.</summary>
    public bool IsLeader => Key.Tid == Process.Tid;

    /// <summary>True when it has ended and only waits for its parent: it will never run again.</summary>
    public bool IsDead => State is 'Z' or 'X' or 'x';
}
