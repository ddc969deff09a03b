namespace Coxswain.Core.Kernel;

/// <summary>What happened to a thread; the values are those of <c>enum cox_event_kind</c>.</summary>
public enum TaskEventKind : uint
{
    /// <summary>Never told.</summary>
    None = 0,

    /// <summary>A process or a thread was born.</summary>
    Fork = 1,

    /// <summary>A process runs another program.</summary>
    Exec = 2,

    /// <summary>A thread has another name.</summary>
    Rename = 3,

    /// <summary>A thread ended.</summary>
    Exit = 4,

    /// <summary>A thread is in another cgroup; one that leads a process stands for all its threads.</summary>
    Move = 5,
}
