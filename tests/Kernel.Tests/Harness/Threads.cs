using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A process with several threads in the guest, which starts more of them when told to.</summary>
public sealed class Threads
{
    // Ten thousand are born, or wake up for the last time.
    private static readonly TimeSpan s_manyLimit = TimeSpan.FromMinutes(2);

    private readonly GuestProcess _process;
    private readonly List<int> _ids;

    private Threads(GuestProcess process, int pid, List<int> ids)
    {
        _process = process;
        Pid = pid;
        _ids = ids;
    }

    public int Pid { get; }

    /// <summary>All threads, the first one included.</summary>
    public IReadOnlyList<int> Ids => _ids;

    /// <summary>Starts it.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="name">What the names of its threads begin with, but for the first one's.</param>
    /// <param name="program">Path of cox-mt, or of a copy of it: the name of the process.</param>
    public static Task<Threads> StartAsync(Guest guest, string name = "mt", string program = "cox-mt") =>
        // Mostly asleep: what is tested is who is directed, and an emulated machine has a server to start meanwhile.
        StartCommandAsync(guest, $"exec {program} --threads 4 --name {name} --spin-us 200 --sleep-us 20000");

    /// <summary>Starts so many of them that they can hardly do anything but sleep.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="count">How many threads, the first one included.</param>
    public static Task<Threads> StartManyAsync(Guest guest, int count) =>
        StartCommandAsync(guest, $"exec cox-mt --threads {count - 1} --spin-us 0 --sleep-us 10000000", s_manyLimit);

    private static async Task<Threads> StartCommandAsync(Guest guest, string command, TimeSpan? limit = null)
    {
        GuestProcess process = await guest.StartAsync(command);
        JsonElement started = JsonElement.Parse(await process.ReadLineAsync(limit));
        int pid = started.GetProperty("pid").GetInt32();
        return new Threads(process, pid, [pid, .. started.GetProperty("tids").EnumerateArray().Select(t => t.GetInt32())]);
    }

    /// <summary>Starts one more thread.</summary>
    public async Task<int> BearAsync()
    {
        await _process.SignalAsync("USR1");
        int born = JsonElement.Parse(await _process.ReadLineAsync()).GetProperty("born").GetInt32();
        _ids.Add(born);
        return born;
    }

    /// <summary>Ends them and checks that every one of them has worked.</summary>
    public async Task EndAsync()
    {
        await _process.SignalAsync("TERM");
        JsonElement end = JsonElement.Parse(await _process.ReadLineAsync(s_manyLimit));
        Assert.Equal(_ids.Count - 1, end.GetProperty("threads").GetInt32());
        Assert.All(end.GetProperty("rounds").EnumerateArray(), rounds => Assert.True(rounds.GetInt64() > 0, end.GetRawText()));
        Assert.Equal(0, await _process.WaitAsync());
    }
}
