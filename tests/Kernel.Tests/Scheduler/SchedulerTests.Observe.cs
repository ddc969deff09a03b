using System.Text.Json;

namespace Coxswain.Kernel.Tests;

// What the observer says, beside what workloads know of themselves; under the kernel's own scheduler.
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Sleep_is_never_counted_as_waiting()
    {
        (JsonElement truth, JsonElement seen) = await ObserveWakerAsync("");

        Assert.True(truth.GetProperty("samples").GetInt32() > 50, truth.ToString());
        // It slept nearly all of five seconds.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0, 5e8);
        Assert.InRange(seen.GetProperty("waits").GetInt32(), truth.GetProperty("samples").GetInt32(), 10_000);
    }

    [Fact]
    public async Task The_chain_that_a_request_takes_is_found()
    {
        GuestResult result = (await Guest.RunAsync(
            """
            cox-chain relay --name upf --listen 9003 >/dev/null &
            cox-chain relay --name gnb --listen 9002 --next 9003 >/dev/null &
            sleep 1
            coxswain-guest observe --seconds 6 --command '^ue$' >observed &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            cox-chain client --name ue --next 9002 --samples 300 --period-us 10000 >/dev/null
            wait $observer && tail -n 1 observed
            """, TimeSpan.FromSeconds(120))).Succeeded();

        JsonElement seen = JsonElement.Parse(result.LastLine);
        Assert.Equal(["gnb", "ue", "upf"], seen.GetProperty("chain").EnumerateArray().Select(name => name.GetString()).Order());
    }

    [Fact]
    public async Task The_observer_costs_a_ping_pong_little()
    {
        GuestResult result = (await Guest.RunAsync("coxswain-guest observe --pairs 9 --round-trips 5000", TimeSpan.FromSeconds(400))).Succeeded();
        JsonElement cost = result.Json();
        Output(cost.ToString());
        Assert.InRange(cost.GetProperty("ratio").GetDouble(), 0.5, 1.10);
    }

    private async Task<(JsonElement Truth, JsonElement Seen)> ObserveWakerAsync(string options)
    {
        GuestResult result = (await Guest.RunAsync(
            $"""
            coxswain-guest observe --seconds 12 --command '^waker$' >observed &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            taskset 2 cox-waits waker --seconds 8 {options}
            wait $observer && tail -n 1 observed
            """, TimeSpan.FromSeconds(120))).Succeeded();
        Output(result.Text);
        string[] lines = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (JsonElement.Parse(lines[0]), JsonElement.Parse(lines[^1]));
    }
}
