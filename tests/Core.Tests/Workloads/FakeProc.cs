using System.Globalization;

namespace Coxswain.Core.Tests.Workloads;

/// <summary>A directory that looks like /proc, with the files that are read of it.</summary>
internal sealed class FakeProc : IDisposable
{
    private readonly Dictionary<int, int> _threads = [];

    public FakeProc() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), "coxswain-proc-" + Path.GetRandomFileName());

    public void Start(int pid, string command, long startTicks = 100, string cgroup = "/") => AddThread(pid, pid, command, startTicks, cgroup);

    public void AddThread(int pid, int tid, string command, long startTicks = 100, string cgroup = "/")
    {
        _threads[pid] = _threads.GetValueOrDefault(pid) + 1;
        var directory = Directory.CreateDirectory(Path.Combine(Root, $"{pid}/task/{tid}")).FullName;
        File.WriteAllText(Path.Combine(directory, "stat"), Stat(tid, command, startTicks, _threads[pid]));
        File.WriteAllText(Path.Combine(directory, "schedstat"), "5000000 7000000 42\n");
        File.WriteAllText(Path.Combine(directory, "cgroup"), $"4:cpu:/old\n0::{cgroup}\n");
        WriteStatus(tid, pid, command);
        if (tid != pid)
        {
            // The leader tells how many threads there are.
            var stat = Path.Combine(Root, $"{pid}/task/{pid}/stat");
            var text = File.ReadAllText(stat);
            File.WriteAllText(stat, text.Replace($" 0 {_threads[pid] - 1} 0 ", $" 0 {_threads[pid]} 0 ", StringComparison.Ordinal));
        }
    }

    public void Write(int pid, int tid, string file, string text) => File.WriteAllText(Path.Combine(Root, $"{pid}/task/{tid}/{file}"), text);

    public void Write(int pid, int tid, string file, byte[] bytes) => File.WriteAllBytes(Path.Combine(Root, $"{pid}/task/{tid}/{file}"), bytes);

    public void Remove(string path)
    {
        var full = Path.Combine(Root, path);
        if (Directory.Exists(full))
        {
            Directory.Delete(full, recursive: true);
        }
        else
        {
            File.Delete(full);
        }
    }

    public static string Stat(int tid, string command, long startTicks, int threads = 1, uint flags = 0, char state = 'S') => string.Create(
        CultureInfo.InvariantCulture,
        $"{tid} ({command}) {state} 7 1 1 0 -1 {flags} 10 0 0 0 3 2 0 0 20 0 {threads} 0 {startTicks} 1000000 100 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 0\n");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void WriteStatus(int tid, int pid, string command)
    {
        Directory.CreateDirectory(Path.Combine(Root, $"{tid}"));
        File.WriteAllText(Path.Combine(Root, $"{tid}/status"), $"Name:\t{command}\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t{pid}\nNgid:\t0\nPid:\t{tid}\n");
    }
}
