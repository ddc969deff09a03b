using System.Globalization;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>Processes in the guest that burn CPU, each with a count of its work that others can read.</summary>
public sealed class Hogs
{
    private readonly Guest _guest;
    private readonly string _file;

    private Hogs(Guest guest, GuestProcess process, string file)
    {
        _guest = guest;
        Process = process;
        _file = file;
    }

    public GuestProcess Process { get; }

    public static async Task<Hogs> StartAsync(Guest guest, int count, string prefix = "exec", string options = "")
    {
        string file = $"/dev/shm/hogs.{Guid.NewGuid():N}";
        GuestProcess process = await guest.StartAsync($"{prefix} cox-hog --count {count} --counter {file} {options}");
        var hogs = new Hogs(guest, process, file);
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

    /// <summary>Their process ids.</summary>
    public async Task<string[]> PidsAsync() =>
        (await _guest.ControlAsync($"echo {Process.Pid} $(cat /proc/{Process.Pid}/task/*/children)")).Succeeded().LastLine.Split(' ');

    /// <summary>The CPUs that any of them is seen on within half a second, such as "0 1".</summary>
    public async Task<string> ProcessorsAsync() => string.Join(' ', (await _guest.ControlAsync(
        $$"""
        pids="{{Process.Pid}} $(cat /proc/{{Process.Pid}}/task/*/children)"
        for i in $(seq 15); do for pid in $pids; do cut -d' ' -f39 /proc/$pid/stat; done; usleep 30000; done | sort -nu
        """)).Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));

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
