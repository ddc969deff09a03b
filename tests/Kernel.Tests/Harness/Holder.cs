using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A process in the guest that holds the scheduler attached.</summary>
public sealed class Holder
{
    /// <summary>Exit kind of a scheduler that user space has taken back.</summary>
    private const int UnregisteredByUser = 64;

    private readonly GuestProcess _process;

    private Holder(GuestProcess process, Snapshot first)
    {
        _process = process;
        First = first;
    }

    /// <summary>Right after it was attached.</summary>
    public Snapshot First { get; }

    /// <summary>For signals.</summary>
    public GuestProcess Process => _process;

    /// <summary>Attaches the scheduler.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="options">Of <c>coxswain-guest hold</c>.</param>
    public static async Task<Holder> StartAsync(Guest guest, string options = "")
    {
        GuestProcess process = await guest.StartAsync($"exec coxswain-guest hold {options}");
        var holder = new Holder(process, await ReadAsync(process, "attached"));
        Assert.True(holder.First.Attached, holder.First.ToString());
        Assert.Equal("enabled", holder.First.KernelState);
        Assert.StartsWith("coxswain", holder.First.OpsName, StringComparison.Ordinal);
        return holder;
    }

    public async Task<Snapshot> SnapshotAsync()
    {
        await _process.WriteLineAsync("snapshot");
        return await ReadAsync(_process, "snapshot");
    }

    public Task SetLeaseAsync(int microseconds) => _process.WriteLineAsync($"lease {microseconds}");

    /// <summary>
    /// Checks that the scheduler is well, and takes it back. To be called when the load has ended: then no task is parked
    /// for long, and the counters add up to the last one.
    /// </summary>
    /// <returns>The counters at the end.</returns>
    public async Task<Counters> StopAsync()
    {
        Counters counters = await CheckAsync();
        await _process.WriteLineAsync("stop");
        Snapshot last = await ReadAsync(_process, "stopped");
        Assert.Equal(0, await _process.WaitAsync());
        Assert.Equal("disabled", last.KernelState);
        Assert.True(last.LastExit is { Kind: UnregisteredByUser }, $"ended otherwise than by us: {last}");
        return counters;
    }

    /// <summary>Checks that the scheduler is well and that its counters add up.</summary>
    public async Task<Counters> CheckAsync()
    {
        Snapshot snapshot = await SnapshotAsync();
        // A task may be parked at this very moment: our own shell, for one.
        for (int i = 0; i < 20 && snapshot.Counters.PresentlyParked > 0; i++)
        {
            snapshot = await SnapshotAsync();
        }

        Assert.True(snapshot.Attached, $"no longer attached: {snapshot}");
        Assert.Equal("enabled", snapshot.KernelState);
        Assert.True(snapshot.LastExit is null, $"the kernel has ended it: {snapshot}");
        Counters counters = snapshot.Counters;
        counters.AddUp();
        Assert.True(counters.PresentlyParked == 0, $"parkings without an end: {counters}");
        return counters;
    }

    private static async Task<Snapshot> ReadAsync(GuestProcess process, string wanted)
    {
        string line = await process.ReadLineAsync();
        JsonElement json = JsonElement.Parse(line);
        return json.GetProperty("event").GetString() == wanted
            ? new Snapshot(json.GetProperty("snapshot"))
            : throw new GuestException($"expected the event '{wanted}', got {line}");
    }
}
