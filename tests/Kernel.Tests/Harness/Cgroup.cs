using System.Globalization;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A cgroup in the guest; ended with all that is in it.</summary>
public sealed class Cgroup : IAsyncDisposable
{
    private readonly Guest _guest;

    private Cgroup(Guest guest, string path)
    {
        _guest = guest;
        Path = path;
    }

    /// <summary>Directory of the cgroup.</summary>
    public string Path { get; }

    /// <summary>For a command line: the process that becomes the command enters the cgroup first.</summary>
    public string Enter => $"echo $$ >{Path}/cgroup.procs; exec";

    public static async Task<Cgroup> CreateAsync(Guest guest, string name)
    {
        string path = $"/sys/fs/cgroup/{name}";
        (await guest.ControlAsync($"mkdir {path}")).Succeeded();
        return new Cgroup(guest, path);
    }

    /// <summary>Writes one of its files.</summary>
    public async Task SetAsync(string file, string value) => (await _guest.ControlAsync($"echo {value} >{Path}/{file}")).Succeeded();

    /// <summary>Moves a process into it.</summary>
    public Task AddAsync(GuestProcess process) => SetAsync("cgroup.procs", $"{process.Pid}");

    /// <summary>How many CPUs' worth of time each of them uses, on average of a time.</summary>
    public static async Task<double[]> CpusUsedAsync(TimeSpan time, params IReadOnlyList<Cgroup> cgroups)
    {
        double[] before = await ReadUsageAsync(cgroups);
        await Task.Delay(time);
        double[] after = await ReadUsageAsync(cgroups);
        double seconds = after[0] - before[0];
        return [.. before.Zip(after, (b, a) => (a - b) / seconds).Skip(1)];
    }

    /// <summary>The guest's time, and the CPU time of each, in seconds.</summary>
    private static async Task<double[]> ReadUsageAsync(IReadOnlyList<Cgroup> cgroups)
    {
        string files = string.Join(' ', cgroups.Select(c => $"{c.Path}/cpu.stat"));
        GuestResult result = (await cgroups[0]._guest.ControlAsync($"cut -d' ' -f1 /proc/uptime; sed -n 's/^usage_usec //p' {files}")).Succeeded();
        double[] values = [.. result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => double.Parse(l, CultureInfo.InvariantCulture))];
        return [values[0], .. values[1..].Select(us => us / 1e6)];
    }

    public async ValueTask DisposeAsync() =>
        (await _guest.ControlAsync(
            $"echo 0 >{Path}/cgroup.freeze; echo 1 >{Path}/cgroup.kill; for i in $(seq 200); do rmdir {Path} 2>/dev/null && exit; usleep 50000; done; rmdir {Path}")).Succeeded();
}
