using Coxswain.Core.Kernel;

namespace Coxswain.Core.Observe;

/// <summary>One thread that was seen by the observer; also after it has ended, as long as it is remembered what it did.</summary>
public sealed class ObservedTask
{
    internal ObservedTask(int id, TaskKey key, int processId)
    {
        Id = id;
        Key = key;
        ProcessId = processId;
    }

    /// <summary>Stands for timers, devices and idle CPUs as who wakes.</summary>
    public static ObservedTask Interrupt { get; } = new(InterruptId, default, 0) { Command = "interrupt", IsKernelThread = true };

    /// <summary>Stands for threads of which nothing is known any more.</summary>
    public static ObservedTask Unknown { get; } = new(UnknownId, default, 0) { Command = "unknown" };

    internal const int InterruptId = 1;
    internal const int UnknownId = 2;
    internal const int FirstId = 3;

    /// <summary>Number of this thread among all that were ever seen.</summary>
    public int Id { get; }

    /// <summary>Identity of the thread.</summary>
    public TaskKey Key { get; }

    /// <summary>Its process.</summary>
    public int ProcessId { get; }

    /// <summary>Name of the thread: what others chose, free of control characters.</summary>
    public string Command { get; internal set; } = "";

    /// <summary>Name of its process; the same rules. Its own where that could not be told any more.</summary>
    public string ProcessCommand => Key.Tid == ProcessId || LeaderCommand.Length == 0 ? Command : LeaderCommand;

    /// <summary>Path of its cgroup (v2); empty when it could not be told.</summary>
    public string Cgroup { get; internal set; } = "";

    /// <summary>True for threads that the kernel runs for itself.</summary>
    public bool IsKernelThread { get; internal init; }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded { get; internal set; }

    internal string LeaderCommand { get; set; } = "";

    internal ulong CgroupId { get; set; }

    internal uint LastSecond { get; set; }

    internal bool IsDescribed { get; set; }
}
