using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A process in the guest that runs the scheduler under supervision.</summary>
public sealed class Supervised
{
    private readonly GuestProcess _process;
    private readonly Queue<JsonElement> _events = new();

    private Supervised(GuestProcess process) => _process = process;

    /// <summary>Starts it.</summary>
    /// <param name="guest">Where.</param>
    /// <param name="options">Of <c>coxswain-guest supervise</c>.</param>
    /// <returns>With what it said after it had tried to attach the scheduler.</returns>
    public static async Task<(Supervised Supervised, JsonElement First)> StartAsync(Guest guest, string options = "")
    {
        var supervised = new Supervised(await guest.StartAsync($"exec coxswain-guest supervise {options}"));
        return (supervised, await supervised.AnswerAsync("start"));
    }

    /// <summary>Makes a request of it.</summary>
    public async Task<JsonElement> AskAsync(string request)
    {
        await _process.WriteLineAsync(request);
        return await AnswerAsync(request.Split(' ')[0]);
    }

    /// <summary>Waits for the next event, in order: ended or started_again.</summary>
    public async Task<JsonElement> NextAsync()
    {
        if (_events.TryDequeue(out JsonElement waiting))
        {
            return waiting;
        }

        JsonElement next = await ReadAsync();
        return IsEvent(next) ? next : throw new GuestException($"expected an event, got {next}");
    }

    /// <summary>Stops the scheduler and waits for the end of the process.</summary>
    public async Task<Snapshot> StopAsync()
    {
        await _process.WriteLineAsync("stop");
        JsonElement last = await AnswerAsync("stopped");
        Assert.Equal(0, await _process.WaitAsync());
        return new Snapshot(last.GetProperty("snapshot"));
    }

    public static bool IsAttached(JsonElement answer) => answer.GetProperty("snapshot").GetProperty("attached").GetBoolean();

    public static string Reason(JsonElement answer) => answer.GetProperty("snapshot").GetProperty("reason").GetString()!;

    private async Task<JsonElement> AnswerAsync(string wanted)
    {
        while (true)
        {
            JsonElement next = await ReadAsync();
            if (next.GetProperty("event").GetString() == wanted)
            {
                bool refused = next.TryGetProperty("problem", out JsonElement problem) && problem.GetString() != "";
                return refused ? throw new GuestException($"'{wanted}' was refused: {next}") : next;
            }

            _events.Enqueue(IsEvent(next) ? next : throw new GuestException($"expected the answer to '{wanted}', got {next}"));
        }
    }

    private async Task<JsonElement> ReadAsync() => JsonElement.Parse(await _process.ReadLineAsync());

    private static bool IsEvent(JsonElement line) => line.GetProperty("event").GetString() is "ended" or "started_again";
}
