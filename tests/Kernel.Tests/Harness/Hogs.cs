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

    public static async Task<Hogs> StartAsync(Guest guest, int count, string prefix = "exec")
    {
        string file = $"/dev/shm/hogs.{Guid.NewGuid():N}";
        GuestProcess process = await guest.StartAsync($"{prefix} cox-hog --count {count} --counter {file}");
        var hogs = new Hogs(guest, process, file);
        await process.WaitForAsync($"[ -s {file} ]");
        return hogs;
    }

    /// <summary>The work of each until now.</summary>
    public async Task<long[]> UnitsAsync()
    {
        GuestResult result = (await _guest.ControlAsync($"od -An -v -t u8 -w64 {_file}")).Succeeded();
        return [.. result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture))];
    }

    /// <summary>Fails if one of them does no work for so long.</summary>
    public async Task AllProgressAsync(TimeSpan within)
    {
        long[] before = await UnitsAsync();
        await Task.Delay(within);
        long[] after = await UnitsAsync();
        Assert.Equal(before.Length, after.Length);
        Assert.True(after.Zip(before).All(p => p.First > p.Second), $"a hog made no progress: {string.Join(' ', before)} -> {string.Join(' ', after)}");
    }
}
