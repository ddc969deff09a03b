namespace Coxswain.Core.Workloads;

/// <summary>The threads of this machine. A thread that ends while it is read is left out. Thread-safe.</summary>
public interface ITaskSource
{
    /// <summary>Reads all threads, the ones of the kernel included.</summary>
    /// <exception cref="IOException">The list of processes cannot be read at all.</exception>
    TaskReading ReadAll(TaskDetails details);

    /// <summary>Reads the threads of one process; empty when there is no such process.</summary>
    TaskReading ReadProcess(int processId, TaskDetails details);

    /// <summary>Reads one thread of a process; null when there is no such thread.</summary>
    TaskInfo? ReadThread(int processId, int tid, TaskDetails details) =>
        ReadProcess(processId, details).Tasks.FirstOrDefault(task => task.Key.Tid == tid);

    /// <summary>Reads the one thread with this id, whether it leads a process or not; null when there is none.</summary>
    TaskInfo? Find(int tid);

    /// <summary>Reads the cgroup of a thread; empty when the thread is gone or has none.</summary>
    string ReadCgroup(TaskInfo task);
}
