using System.Collections.Concurrent;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Testing;

/// <summary>Processes and threads that do what a test says.</summary>
internal sealed class FakeMachine(TimeProvider time) : ITaskSource
{
    // As /proc: whoever reads does not disturb who starts and ends.
    private readonly ConcurrentDictionary<int, FakeTask> _tasks = [];
    private readonly DateTimeOffset _booted = time.GetUtcNow();
    private long _ticks = 1000;

    /// <summary>Called with the creating and the created thread, as the scheduler's BPF side is.</summary>
    public event Action<TaskKey, TaskKey>? ThreadCreated;

    /// <summary>Runs once before the next reading, to change things under the reader's feet.</summary>
    public Action? BeforeNextRead { get; set; }

    /// <summary>Runs once after the next reading of all threads, before anybody has seen it.</summary>
    public Action? AfterNextRead { get; set; }

    public int Readings { get; private set; }

    /// <summary>Starts a process; its further threads have the ids that follow its own.</summary>
    public TaskInfo Start(int pid, string command, params string[] threads)
    {
        var leader = Add(pid, pid, command, parent: 0);
        for (var i = 0; i < threads.Length; i++)
        {
            AddThread(pid, pid + 1 + i, threads[i]);
        }

        return leader;
    }

    public TaskInfo AddThread(int pid, int tid, string command, int? creator = null)
    {
        var thread = Add(tid, pid, command, parent: 0);
        ThreadCreated?.Invoke(_tasks[creator ?? pid].Info.Key, thread.Key);
        return thread;
    }

    public void StartKernelThread(int pid, string command) => Change(Start(pid, command).Key.Tid, task => task with { IsKernelThread = true });

    public void Change(int tid, Func<TaskInfo, TaskInfo> change) => _tasks[tid].Info = change(_tasks[tid].Info);

    public void Rename(int tid, string command) => Change(tid, task => task with { Command = command });

    /// <summary>Makes a thread use and wait for the CPU by these shares from now on.</summary>
    public void Load(int tid, double cpu, double wait = 0) =>
        (_tasks[tid].CpuShare, _tasks[tid].WaitShare, _tasks[tid].LoadSince) = (cpu, wait, time.GetUtcNow());

    public void End(int pid)
    {
        foreach (var tid in _tasks.Values.Where(task => task.Info.ProcessId == pid).Select(task => task.Info.Key.Tid).ToList())
        {
            _tasks.TryRemove(tid, out _);
        }
    }

    public void EndThread(int tid) => _tasks.TryRemove(tid, out _);

    public bool IsAlive(TaskKey key) => _tasks.TryGetValue(key.Tid, out var task) && task.Info.Key == key && !task.Info.IsDead;

    /// <summary>Puts all threads of a process into a cgroup.</summary>
    public void Move(int pid, string cgroup)
    {
        foreach (var task in _tasks.Values.Where(task => task.Info.ProcessId == pid))
        {
            task.Info = task.Info with { Cgroup = cgroup };
        }
    }

    public bool HasCgroup(string path) => _tasks.Values.Any(task => CgroupIdentity.IsWithin(task.Info.Cgroup, path));

    public TaskKey Key(int tid) => _tasks[tid].Info.Key;

    public TaskReading ReadAll(TaskDetails details)
    {
        Interrupt();
        var reading = new TaskReading([.. _tasks.Values.Select(task => Describe(task, details)).OrderBy(task => (task.ProcessId, task.Key.Tid))], Truncated: false);
        var action = AfterNextRead;
        AfterNextRead = null;
        action?.Invoke();
        return reading;
    }

    public TaskReading ReadProcess(int processId, TaskDetails details)
    {
        Interrupt();
        return new TaskReading(
            [.. _tasks.Values.Select(task => Describe(task, details)).Where(task => task.ProcessId == processId).OrderBy(task => task.Key.Tid)], Truncated: false);
    }

    public TaskInfo? Find(int tid) => _tasks.TryGetValue(tid, out var task) ? Describe(task, TaskDetails.None) : null;

    public string ReadCgroup(TaskInfo task) => _tasks.TryGetValue(task.Key.Tid, out var found) ? found.Info.Cgroup : "";

    private TaskInfo Add(int tid, int pid, string command, int parent)
    {
        var key = new TaskKey(tid, _ticks++);
        var process = tid == pid ? null : _tasks[pid].Info;
        var info = new TaskInfo
        {
            Key = key,
            Process = process?.Key ?? key,
            Command = command,
            ProcessCommand = process?.Command ?? command,
            ParentPid = parent,
            State = 'S',
            Cgroup = process?.Cgroup ?? "",
        };
        _tasks[tid] = new FakeTask { Info = info, LoadSince = _booted };
        return info;
    }

    private TaskInfo Describe(FakeTask task, TaskDetails details)
    {
        var since = (time.GetUtcNow() - task.LoadSince).Ticks * TimeSpan.NanosecondsPerTick;
        return task.Info with
        {
            ReadAtNs = (time.GetUtcNow() - _booted).Ticks * TimeSpan.NanosecondsPerTick,
            ProcessCommand = _tasks.TryGetValue(task.Info.ProcessId, out var leader) ? leader.Info.Command : task.Info.ProcessCommand,
            RunNs = task.Info.RunNs + (long)(since * task.CpuShare),
            WaitNs = task.Info.WaitNs + (long)(since * task.WaitShare),
            Cgroup = (details & TaskDetails.Cgroup) != 0 ? task.Info.Cgroup : "",
            Executable = (details & TaskDetails.Executable) != 0 ? task.Info.Executable : "",
            CommandLine = (details & TaskDetails.CommandLine) != 0 ? task.Info.CommandLine : "",
            Uid = (details & TaskDetails.Owner) != 0 ? task.Info.Uid : -1,
        };
    }

    private void Interrupt()
    {
        Readings++;
        var action = BeforeNextRead;
        BeforeNextRead = null;
        action?.Invoke();
    }

    private sealed class FakeTask
    {
        public required TaskInfo Info { get; set; }

        public double CpuShare { get; set; }

        public double WaitShare { get; set; }

        public DateTimeOffset LoadSince { get; set; }
    }
}
