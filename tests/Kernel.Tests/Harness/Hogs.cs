using System.Globalization;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>Processes in the guest that burn CPU, each with a count of its work that others can read.</summary>
public sealed class Hogs
{
    /// <summary>The option with which they watch for how long they do no work.</summary>
    public const string WithGaps = "--gaps";

    private readonly Guest _guest;
    private readonly string _file;
    private readonly int _count;

    private Hogs(Guest guest, GuestProcess process, string file, int count)
    {
        _guest = guest;
        Process = process;
        _file = file;
        _count = count;
    }

    public GuestProcess Process { get; }

    public static async Task<Hogs> StartAsync(Guest guest, int count, string prefix = "exec", string options = "")
    {
        string file = $"/dev/shm/hogs.{Guid.NewGuid():N}";
        GuestProcess process = await guest.StartAsync($"{prefix} cox-hog --count {count} --counter {file} {options}");
        var hogs = new Hogs(guest, process, file, count);
        // The file has its size before the others are born.
        await process.WaitForAsync($"[ -s {file} ] && [ $(cat /proc/{process.Pid}/task/*/children | wc -w) -ge {count - 1} ]");
        return hogs;
    }

    /// <summary>Fails if one of them does no work for so long.</summary>
    public Task AllProgressAsync(TimeSpan within) => AllProgressAsync(within, this);

    /// <summary>Fails if one of them does no work for so long.</summary>
    public static async Task AllProgressAsync(TimeSpan within, params IReadOnlyList<Hogs> groups)
    {
        string before = await ReadAsync(groups);
        await Task.Delay(within);
        string after = await ReadAsync(groups);
        Assert.True(
            before.Split(' ').Zip(after.Split(' ')).All(u => long.Parse(u.Second, CultureInfo.InvariantCulture) > long.Parse(u.First, CultureInfo.InvariantCulture)),
            $"a hog did nothing for {within.TotalSeconds} s: {before} -> {after}");
    }

    /// <summary>The work that each of them does in a time.</summary>
    public static async Task<long[]> WorkAsync(TimeSpan time, params IReadOnlyList<Hogs> groups)
    {
        string before = await ReadAsync(groups);
        await Task.Delay(time);
        string after = await ReadAsync(groups);
        return [.. before.Split(' ').Zip(after.Split(' '), (b, a) => long.Parse(a, CultureInfo.InvariantCulture) - long.Parse(b, CultureInfo.InvariantCulture))];
    }

    /// <summary>
    /// The CPU time, ns, that each of them gets in a time of the guest's own clock, after another time, as the kernel counts it. Not the work: an emulator whose clock
    /// counts instructions runs its CPUs by turns, so that in the same CPU time of a few seconds work differs by up to a tenth.
    /// </summary>
    public static async Task<long[]> CpuTimeByGuestClockAsync(int warmUpSeconds, int seconds, params IReadOnlyList<Hogs> groups)
    {
        List<string> pids = [];
        foreach (Hogs group in groups)
        {
            pids.AddRange(await group.PidsAsync());
        }

        // In one process, so that no hog runs between two of the looks for longer than the others.
        string read = $"awk '{{ print $1 }}' {string.Join(' ', pids.Select(pid => $"/proc/{pid}/schedstat"))}";
        GuestResult looks = (await groups[0]._guest.ControlAsync($"sleep {warmUpSeconds}; {read}; echo; sleep {seconds}; {read}")).Succeeded();
        long[][] times = [.. looks.Text.Split("\n\n").Select(look => Numbers(look))];
        return [.. times[1].Zip(times[0], (after, before) => after - before)];
    }

    /// <summary>For each of them the longest time so far in which it did no work. They must have been started with <see cref="WithGaps"/>.</summary>
    public async Task<TimeSpan[]> LongestGapsAsync() => [.. Numbers((await _guest.ControlAsync(
        $"od -An -v -t u8 -w64 {_file} | awk '{{ print $3 }}'")).Succeeded().Text).Select(ns => TimeSpan.FromMicroseconds(ns / 1000.0))];

    /// <summary>Their process ids, in the order of their counts; waits until all of them are there, as their file is before them.</summary>
    public async Task<string[]> PidsAsync() => (await _guest.ControlAsync(
        $$"""
        until set -- {{Process.Pid}} $(cat /proc/{{Process.Pid}}/task/*/children); [ $# = {{_count}} ]; do usleep 20000; done
        echo $*
        """)).Succeeded().LastLine.Split(' ');

    /// <summary>The CPUs that any of them is seen on within half a second, such as "0 1".</summary>
    public async Task<string> ProcessorsAsync() => string.Join(' ', (await _guest.ControlAsync(
        $$"""
        pids="{{Process.Pid}} $(cat /proc/{{Process.Pid}}/task/*/children)"
        for i in $(seq 15); do for pid in $pids; do cut -d' ' -f39 /proc/$pid/stat; done; usleep 30000; done | sort -nu
        """)).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static long[] Numbers(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => long.Parse(l, CultureInfo.InvariantCulture))];

    /// <summary>The work of each until now.</summary>
    private static async Task<string> ReadAsync(IReadOnlyList<Hogs> groups)
    {
        var units = new List<string>();
        foreach (Hogs group in groups)
        {
            GuestResult result = (await group._guest.ControlAsync($"od -An -v -t u8 -w64 {group._file}")).Succeeded();
            units.AddRange(result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
        }

        return string.Join(' ', units);
    }
}
