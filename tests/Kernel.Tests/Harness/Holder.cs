using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A process in the guest that holds the scheduler attached.</summary>
public sealed class Holder
{
    /// <summary>Exit kind of a scheduler that user space has taken back.</summary>
    private const int UnregisteredByUser = 64;

    /// <summary>Counted by the kernel when a scheduler asks for what it may not: never.</summary>
    private const string InsertNotOwned = "SCX_EV_INSERT_NOT_OWNED";

    /// <summary>The oldest kernel of those tested that counts it.</summary>
    private static readonly Version s_countsInserts = new(7, 3);

    private readonly Guest _guest;
    private readonly GuestProcess _process;

    private Holder(Guest guest, GuestProcess process, Snapshot first)
    {
        _guest = guest;
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
        var holder = new Holder(guest, process, await ReadAsync(process, "attached"));
        Assert.True(holder.First.Attached, holder.First.ToString());
        Assert.Equal("enabled", holder.First.KernelState);
        Assert.StartsWith("coxswain", holder.First.OpsName, StringComparison.Ordinal);
        return holder;
    }

    public Task<Snapshot> SnapshotAsync() => AskAsync("snapshot");

    /// <summary>Makes a request of <c>coxswain-guest hold</c>, which has to be granted.</summary>
    /// <returns>The state after it.</returns>
    public async Task<Snapshot> AskAsync(string request) => new(Json(await _process.AskAsync(request), request.Split(' ')[0]).GetProperty("snapshot"));

    /// <summary>Makes a request that is answered by more than the state: with what garbage it made.</summary>
    public async Task<(Snapshot State, JsonElement Garbage)> AskFullyAsync(string request)
    {
        JsonElement json = Json(await _process.AskAsync(request), request.Split(' ')[0]);
        return (new Snapshot(json.GetProperty("snapshot")), json.GetProperty("garbage"));
    }

    /// <summary>Reads the answer to a request that was made without waiting for it.</summary>
    public Task<Snapshot> ReadAsync(string wanted) => ReadAsync(_process, wanted);

    /// <summary>Checks that the scheduler is well: attached still, and never ended by the kernel.</summary>
    public async Task<Snapshot> CheckAsync()
    {
        Snapshot snapshot = await SnapshotAsync();
        Assert.True(snapshot.Attached, $"no longer attached: {snapshot}");
        Assert.Equal("enabled", snapshot.KernelState);
        Assert.True(snapshot.LastExit is null, $"the kernel has ended it: {snapshot}");
        Assert.True(snapshot.PolicyFailure.Length == 0, $"the policy has failed: {snapshot}");
        ExpectNoOffence(snapshot);
        return snapshot;
    }

    /// <summary>Checks that the scheduler is well, and takes it back.</summary>
    /// <returns>The counters at the end, when they add up to the last task.</returns>
    public async Task<Counters> StopAsync()
    {
        await CheckAsync();
        return await EndedAsync(await _process.AskAsync("stop"));
    }

    /// <summary>Waits for the orderly end that it has been told to come to.</summary>
    /// <returns>The counters at the end, when they add up to the last task.</returns>
    public async Task<Counters> EndedAsync() => await EndedAsync(await _process.ReadLineAsync());

    private void ExpectNoOffence(Snapshot snapshot)
    {
        bool counted = snapshot.KernelEvents.TryGetValue(InsertNotOwned, out long inserts);
        Assert.True(counted || _guest.Version < s_countsInserts, $"the kernel does not tell of {InsertNotOwned}: {snapshot}");
        Assert.True(inserts == 0, $"{inserts} times a task was queued that was not ours to queue: {snapshot}");
    }

    private async Task<Counters> EndedAsync(string line)
    {
        var last = new Snapshot(Json(line, "stopped").GetProperty("snapshot"));
        Assert.Equal(0, await _process.WaitAsync());
        Assert.Equal("disabled", last.KernelState);
        Assert.True(last.LastExit is { Kind: UnregisteredByUser }, $"ended otherwise than by us: {last}");
        last.Counters.AddUp();
        return last.Counters;
    }

    private static async Task<Snapshot> ReadAsync(GuestProcess process, string wanted) =>
        new(Json(await process.ReadLineAsync(), wanted).GetProperty("snapshot"));

    private static JsonElement Json(string line, string wanted)
    {
        JsonElement json = JsonElement.Parse(line);
        bool refused = json.TryGetProperty("problem", out JsonElement problem) && problem.GetString() != "";
        return json.GetProperty("event").GetString() == wanted && !refused
            ? json
            : throw new GuestException($"expected the event '{wanted}', got {line}");
    }
}
