using System.Text.Json;

namespace Coxswain.Kernel.Tests;

// What the observer says, beside what workloads know of themselves and what the kernel itself counts.
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Sleep_is_never_counted_as_waiting()
    {
        (JsonElement truth, JsonElement seen) = await ObserveWorkloadAsync("waker", "cox-waits waker --seconds 4");

        Assert.True(truth.GetProperty("samples").GetInt32() > 50, truth.ToString());
        // It slept nearly all of four seconds.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0, 4e8);
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
            rm -f observed
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
    [Measured]
    public async Task Storms_of_tasks_and_cgroups_leave_nothing_in_the_maps_of_the_observer()
    {
        GuestResult result = (await Guest.RunAsync(
            """
            rm -f finished observed
            coxswain-guest observe --until finished --command storm >observed &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            sleep 2
            coxswain-guest observed
            cox-storm --exit-storm --tasks 10000 --lost-after 60 >/dev/null
            for i in $(seq 300); do
                mkdir /sys/fs/cgroup/storm-$i
                ( echo 0 >/sys/fs/cgroup/storm-$i/cgroup.procs ) &
                wait $!
                rmdir /sys/fs/cgroup/storm-$i
            done
            sleep 3
            coxswain-guest observed
            touch finished
            wait $observer && tail -n 1 observed
            """, TimeSpan.FromSeconds(200))).Succeeded();

        Output(result.Text);
        string[] lines = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (JsonElement before, JsonElement after, JsonElement seen) = (JsonElement.Parse(lines[0]), JsonElement.Parse(lines[1]), JsonElement.Parse(lines[^1]));
        // Those that have just ended are there until the next second.
        const int JustEnded = 8;
        Assert.InRange(after.GetProperty("gone").GetInt32(), 0, JustEnded);
        Assert.Equal(0, after.GetProperty("left_histograms").GetInt32());
        // More kernel threads and shells may have run by then, but not a thousandth of the storm.
        Assert.InRange(after.GetProperty("taken").GetInt32(), 1, before.GetProperty("taken").GetInt32() + 100);
        Assert.InRange(after.GetProperty("delays").GetInt32() + after.GetProperty("wakes").GetInt32(), 0, 500);
        Assert.Equal(0, seen.GetProperty("lost_tasks").GetInt64());
        Assert.InRange(seen.GetProperty("threads").GetInt32(), 10_000, 10_100);
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_counted_and_the_rest_is_right()
    {
        GuestResult result = (await Guest.RunAsync(
            """
            rm -f finished observed
            cox-waits sleepers --count 600 --period-ms 200 --seconds 60 >/dev/null &
            sleepers=$!
            coxswain-guest observe --until finished --command '^sleeper$' --slots 256 --pairs-held 16 >observed &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            sleep 3
            touch finished
            wait $observer && tail -n 1 observed
            kill $sleepers
            """, TimeSpan.FromSeconds(120))).Succeeded();

        JsonElement seen = JsonElement.Parse(result.LastLine);
        Output(seen.ToString());
        Assert.InRange(seen.GetProperty("lost_tasks").GetInt64(), 300, 1_000_000);
        Assert.InRange(seen.GetProperty("lost_pairs").GetInt64(), 1, 1_000_000);
        Assert.InRange(seen.GetProperty("tasks").GetInt32(), 200, 256);
        // Those that have room are told of as ever: each waits once when it is woken.
        int threads = seen.GetProperty("threads").GetInt32(), waits = seen.GetProperty("waits").GetInt32();
        Assert.InRange(threads, 100, 256);
        Assert.InRange(waits / (5 * seen.GetProperty("seconds").GetDouble() * threads), 0.5, 1.5);
    }

    [Fact]
    [Measured]
    public async Task The_observer_costs_a_ping_pong_little()
    {
        GuestResult result = (await Guest.RunAsync("coxswain-guest observe --pairs 9 --round-trips 5000", TimeSpan.FromSeconds(400))).Succeeded();
        JsonElement cost = result.Json();
        Output(cost.ToString());
        Assert.InRange(cost.GetProperty("ratio").GetDouble(), 0.5, 1.10);
    }

    /// <summary>Runs a workload on the second CPU while its threads of one name are observed.</summary>
    private async Task<(JsonElement Truth, JsonElement Seen)> ObserveWorkloadAsync(string name, string workload)
    {
        GuestResult result = (await Guest.RunAsync(
            $"""
            rm -f finished observed go && mkfifo go
            taskset 2 {workload} --on-input <go >measured &
            workload=$!
            exec 3>go
            coxswain-guest observe --until finished --command '^{name}$' >observed 3>&- &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            exec 3>&-
            wait $workload && cat measured
            touch finished
            wait $observer && tail -n 1 observed
            """, TimeSpan.FromSeconds(120))).Succeeded();
        Output(result.Text);
        string[] lines = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (JsonElement.Parse(lines[0]), JsonElement.Parse(lines[^1]));
    }
}
