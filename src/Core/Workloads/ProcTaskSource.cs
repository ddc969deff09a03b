using System.Buffers.Text;
using System.IO.Enumeration;
using Coxswain.Core.Kernel;

namespace Coxswain.Core.Workloads;

/// <summary>Reads the threads of this machine from procfs.</summary>
public sealed class ProcTaskSource : ITaskSource
{
    /// <summary>Most threads taken into one reading; about 50 MB. Beyond it a reading says that it is truncated.</summary>
    public const int MaxTasks = 131_072;

    private const long NsPerTick = 10_000_000; // USER_HZ is 100 on every architecture that has sched_ext

    private readonly string _root;
    private readonly ProcFile _files;

    /// <summary>Creates a source.</summary>
    /// <param name="root">Where procfs is mounted.</param>
    public ProcTaskSource(string root = "/proc")
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = root;
        _files = new ProcFile(root);
    }

    /// <inheritdoc/>
    public TaskReading ReadAll(TaskDetails details)
    {
        var tasks = new List<TaskInfo>(1024);
        foreach (var pid in Numbers(_root))
        {
            AddProcess(pid, details, tasks);
            if (tasks.Count >= MaxTasks)
            {
                return new TaskReading(tasks, Truncated: true);
            }
        }

        return new TaskReading(tasks, Truncated: false);
    }

    /// <inheritdoc/>
    public TaskReading ReadProcess(int processId, TaskDetails details)
    {
        var tasks = new List<TaskInfo>();
        AddProcess(processId, details, tasks);
        return new TaskReading(tasks, Truncated: tasks.Count >= MaxTasks);
    }

    /// <inheritdoc/>
    public TaskInfo? ReadThread(int processId, int tid, TaskDetails details)
    {
        var leader = ReadLeader(processId, details, out _);
        if (leader is null)
        {
            return null;
        }

        leader = WithProgram((details & TaskDetails.Owner) != 0 ? leader with { Uid = ReadOwner(processId) } : leader, details);
        return tid == processId ? leader
            : ReadThread(leader, tid, details) is { } thread
                ? thread with { Uid = leader.Uid, Executable = leader.Executable, CommandLine = leader.CommandLine }
                : null;
    }

    /// <inheritdoc/>
    public TaskInfo? Find(int tid)
    {
        // /proc/TID answers for threads that do not lead a process too, though it is not listed.
        if (ReadStatus(tid, "\nTgid:\t"u8) is not { } pid)
        {
            return null;
        }

        var leader = ReadLeader(pid, TaskDetails.None, out _);
        return leader is null || tid == pid ? leader : ReadThread(leader, tid, TaskDetails.None);
    }

    /// <inheritdoc/>
    public string ReadCgroup(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return ReadCgroup(task.ProcessId, task.Key.Tid);
    }

    private const TaskDetails Program = TaskDetails.Executable | TaskDetails.CommandLine;

    // Kernel threads have neither.
    private TaskInfo WithProgram(TaskInfo leader, TaskDetails details)
    {
        if ((details & Program) == 0 || leader.IsKernelThread)
        {
            return leader;
        }

        return leader with
        {
            Executable = (details & TaskDetails.Executable) != 0 ? ReadExecutable(leader.ProcessId) : "",
            CommandLine = (details & TaskDetails.CommandLine) != 0 ? ReadCommandLine(leader.ProcessId) : "",
        };
    }

    private string ReadExecutable(int pid)
    {
        try
        {
            var target = new FileInfo($"{_root}/{pid}/exe").LinkTarget ?? "";
            return target.Length == 0 ? "" : CommandText.Clean(target, CommandText.MaxLineLength);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // ended, or not ours to see
        }
    }

    private string ReadCommandLine(int pid)
    {
        Span<byte> buffer = stackalloc byte[CommandText.MaxLineLength];
        var line = buffer[.._files.ReadProcess(pid, "cmdline"u8, buffer).Length];
        line.Replace((byte)0, (byte)' ');
        line = line.TrimEnd((byte)' ');
        return line.IsEmpty ? "" : CommandText.Clean(System.Text.Encoding.UTF8.GetString(line), CommandText.MaxLineLength);
    }

    private int ReadOwner(int pid) => ReadStatus(pid, "\nUid:\t"u8) ?? -1;

    private int? ReadStatus(int pid, ReadOnlySpan<byte> label)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var status = _files.ReadProcess(pid, "status"u8, buffer);
        var at = status.IndexOf(label);
        return at >= 0 && Utf8Parser.TryParse(status[(at + label.Length)..], out int value, out _) ? value : null;
    }

    private void AddProcess(int pid, TaskDetails details, List<TaskInfo> tasks)
    {
        var leader = ReadLeader(pid, details, out var threads);
        if (leader is null)
        {
            return;
        }

        if ((details & TaskDetails.Owner) != 0)
        {
            leader = leader with { Uid = ReadOwner(pid) };
        }

        leader = WithProgram(leader, details);
        tasks.Add(leader);
        if (threads <= 1)
        {
            return; // spares the listing of a directory for most processes
        }

        foreach (var tid in Threads(pid))
        {
            if (tid != pid && tasks.Count < MaxTasks && ReadThread(leader, tid, details) is { } thread)
            {
                tasks.Add(thread.Uid == leader.Uid && (details & Program) == 0
                    ? thread
                    : thread with { Uid = leader.Uid, Executable = leader.Executable, CommandLine = leader.CommandLine });
            }
        }
    }

    private TaskInfo? ReadLeader(int pid, TaskDetails details, out int threads)
    {
        Span<byte> buffer = stackalloc byte[1024];
        threads = 0;
        if (!ProcStat.TryParse(_files.ReadThread(pid, pid, "stat"u8, buffer), out var stat))
        {
            return null;
        }

        threads = stat.ThreadCount;
        var command = CommandText.Clean(stat.Command);
        return Describe(stat, new TaskKey(pid, stat.StartTicks), command, command, details);
    }

    private TaskInfo? ReadThread(TaskInfo leader, int tid, TaskDetails details)
    {
        Span<byte> buffer = stackalloc byte[1024];
        return ProcStat.TryParse(_files.ReadThread(leader.ProcessId, tid, "stat"u8, buffer), out var stat)
            ? Describe(stat, leader.Process, Name(stat.Command, leader.Command), leader.Command, details)
            : null;
    }

    private TaskInfo Describe(in ProcStat stat, TaskKey process, string command, string processCommand, TaskDetails details)
    {
        var run = stat.RunTicks * NsPerTick;
        long wait = 0, runs = 0;
        if ((details & TaskDetails.Times) != 0)
        {
            ReadTimes(process.Tid, stat.Tid, ref run, ref wait, ref runs);
        }

        return new TaskInfo
        {
            Key = new TaskKey(stat.Tid, stat.StartTicks),
            Process = process,
            Command = command,
            ProcessCommand = processCommand,
            ParentPid = stat.ParentPid,
            State = stat.State,
            Cpu = stat.Cpu,
            Nice = stat.Nice,
            Policy = stat.Policy,
            IsKernelThread = stat.IsKernelThread,
            RunNs = (details & TaskDetails.Times) != 0 ? run : 0,
            WaitNs = wait,
            RunCount = runs,
            ReadAtNs = (details & TaskDetails.Times) != 0 ? (long)MonotonicClock.NowNs : 0,
            Cgroup = (details & TaskDetails.Cgroup) != 0 ? ReadCgroup(process.Tid, stat.Tid) : "",
        };
    }

    // schedstat is in ns; kernels built without it leave the 10 ms ticks of stat.
    private void ReadTimes(int pid, int tid, ref long run, ref long wait, ref long runs)
    {
        Span<byte> buffer = stackalloc byte[128];
        var text = _files.ReadThread(pid, tid, "schedstat"u8, buffer);
        if (Utf8Parser.TryParse(text, out long first, out var used) && text.Length > used &&
            Utf8Parser.TryParse(text = text[(used + 1)..], out long second, out used) && text.Length > used &&
            Utf8Parser.TryParse(text[(used + 1)..], out long third, out _))
        {
            (run, wait, runs) = (first, second, third);
        }
    }

    private string ReadCgroup(int pid, int tid)
    {
        Span<byte> buffer = stackalloc byte[8192];
        var text = _files.ReadThread(pid, tid, "cgroup"u8, buffer);
        foreach (var range in text.Split((byte)'\n'))
        {
            // "0::" is the unified hierarchy; lines of version 1 controllers may stand before it.
            if (text[range].StartsWith("0::"u8))
            {
                var path = System.Text.Encoding.UTF8.GetString(text[range][3..]);
                return path.Length == 0 ? "" : CommandText.Clean(path, path.Length);
            }
        }

        return "";
    }

    // Most threads are named like their process: one string for all of them.
    private static string Name(ReadOnlySpan<byte> command, string leader)
    {
        var name = CommandText.Clean(command);
        return name == leader ? leader : name;
    }

    private List<int> Threads(int pid)
    {
        try
        {
            return Numbers($"{_root}/{pid}/task");
        }
        catch (IOException)
        {
            return []; // the process has ended meanwhile
        }
    }

    private static List<int> Numbers(string directory)
    {
        var entries = new FileSystemEnumerable<int>(
            directory, static (ref FileSystemEntry entry) => int.Parse(entry.FileName, provider: null), EveryEntry)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => int.TryParse(entry.FileName, out var number) && number > 0,
        };
        var numbers = new List<int>(entries);
        numbers.Sort();
        return numbers;
    }

    private static EnumerationOptions EveryEntry { get; } = new() { AttributesToSkip = 0, IgnoreInaccessible = true };
}
