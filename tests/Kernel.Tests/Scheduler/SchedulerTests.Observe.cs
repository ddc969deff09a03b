using System.Text.Json;

namespace Coxswain.Kernel.Tests;

// What the observer says, beside what workloads know of themselves and what the kernel itself counts.
public abstract partial class SchedulerTests
{
    /// <summary>A percentile is the middle of a bucket, at most 6 % off; the rest is what it takes on an emulated CPU to notice and to be told.</summary>
    private const double PercentileTolerance = 0.10;
    private const double NoticingNs = 1_000_000;

    /// <summary>By how much a timer of an emulated CPU on a busy machine may be late.</summary>
    private const double TimerNs = 4_000_000;

    /// <summary>Sums are exact, but begin and end a little earlier or later.</summary>
    private const double SumTolerance = 0.05;

    [Fact]
    public async Task Sleep_is_never_counted_as_waiting()
    {
        (JsonElement truth, JsonElement seen) = await ObserveWorkloadAsync("waker", "cox-waits waker --seconds 4");

        Assert.True(truth.GetProperty("samples").GetInt32() > 50, truth.ToString());
        // It slept nearly all of four seconds.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0, 4e8);
        Assert.InRange(seen.GetProperty("waits").GetInt32(), truth.GetProperty("samples").GetInt32(), 10_000);
    }

    [Theory]
    [InlineData("the kernel")]
    [InlineData("coxswain")]
    public async Task Three_that_spin_on_one_CPU_wait_two_thirds_of_the_time_for_each_other(string scheduler)
    {
        Holder? holder = scheduler == "coxswain" ? await AttachAsync() : null;

        (JsonElement truth, JsonElement seen) = await ObserveWorkloadAsync("spinner-0", "cox-waits spinners --count 3 --seconds 4");

        double run = truth.GetProperty("run_ns").GetDouble(), wait = truth.GetProperty("kernel_wait_ns").GetDouble();
        Assert.InRange(wait / (run + wait), 0.55, 0.75);
        AssertNear(wait, seen.GetProperty("wait_ns").GetDouble(), SumTolerance * wait, "time waited, by the kernel");
        // Its own clock counts the interrupts around each switch, too.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0.8 * wait, (1 + SumTolerance) * truth.GetProperty("sum_ns").GetDouble());
        AssertNear(run, seen.GetProperty("run_ns").GetDouble(), SumTolerance * run + 20e6, "time run");
        AssertPercentiles(truth, seen, NoticingNs);
        Dictionary<string, double> delayers = seen.GetProperty("delayers").EnumerateArray()
            .GroupBy(delayer => delayer.GetProperty("command").GetString()!, delayer => delayer.GetProperty("ns").GetDouble())
            .ToDictionary(threads => threads.Key, threads => threads.Sum());
        Assert.Equal(["spinner-1", "spinner-2"], delayers.OrderByDescending(delayer => delayer.Value).Take(2).Select(delayer => delayer.Key).Order());
        Assert.InRange(delayers["spinner-1"] / wait, 0.3, 0.7);
        Assert.InRange((delayers["spinner-1"] + delayers["spinner-2"]) / wait, 0.85, 1.05);
        Assert.DoesNotContain("spinner-0", delayers.Keys);
        if (holder is not null)
        {
            await holder.StopAsync();
        }
    }

    [Theory]
    [InlineData("the kernel")]
    [InlineData("coxswain")]
    public async Task Who_wakes_up_beside_others_waited_as_long_as_it_was_late(string scheduler)
    {
        Holder? holder = scheduler == "coxswain" ? await AttachAsync() : null;
        Hogs hogs = await Hogs.StartAsync(Guest, 2, "exec taskset 2");

        (JsonElement truth, JsonElement seen) = await ObserveWorkloadAsync("waker", "cox-waits waker --nice 10 --seconds 4");

        double wait = truth.GetProperty("kernel_wait_ns").GetDouble();
        Assert.True(truth.GetProperty("samples").GetInt32() > 30, truth.ToString());
        // Else there would be nothing to compare.
        Assert.InRange(wait, 100e6, 3.8e9);
        // The kernel begins to count when it puts the waker into a queue, the observer when it is about to.
        AssertNear(
            wait, seen.GetProperty("wait_ns").GetDouble(),
            SumTolerance * wait + NoticingNs * truth.GetProperty("samples").GetInt32(), "time waited, by the kernel");
        // No more than it was late in all: sleep is no part of it.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0, (1 + SumTolerance) * truth.GetProperty("sum_ns").GetDouble() + 20e6);
        // A timer of an emulated CPU may be late by itself, which is no waiting; more than its lateness nobody waited.
        AssertPercentiles(truth, seen, TimerNs);
        await hogs.Process.KillAsync();
        if (holder is not null)
        {
            await holder.StopAsync();
        }
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
    public async Task The_observer_costs_a_ping_pong_little()
    {
        GuestResult result = (await Guest.RunAsync("coxswain-guest observe --pairs 9 --round-trips 5000", TimeSpan.FromSeconds(400))).Succeeded();
        JsonElement cost = result.Json();
        Output(cost.ToString());
        Assert.InRange(cost.GetProperty("ratio").GetDouble(), 0.5, 1.10);
    }

    /// <summary>
    /// The observer counts some waits more, before and after what is measured, so each of its percentiles lies between two of the
    /// workload's that are so much lower and higher.
    /// </summary>
    private static void AssertPercentiles(JsonElement truth, JsonElement seen, double laterNs)
    {
        double[] known = [.. truth.GetProperty("percentiles_ns").EnumerateArray().Select(ns => ns.GetDouble())];
        int samples = truth.GetProperty("samples").GetInt32(), waits = seen.GetProperty("waits").GetInt32();
        // Who is woken may lose its CPU again before it sleeps.
        Assert.InRange(waits, samples * 0.95 - 1, samples * 1.3 + 12);
        double rank = 100.0 * Math.Abs(waits - samples) / samples + 1;
        foreach (int percent in (int[])[50, 90, 99])
        {
            double low = known[Math.Max(0, (int)Math.Floor(percent - rank))];
            double high = percent + rank > 100 ? double.MaxValue : known[(int)Math.Ceiling(percent + rank)];
            double found = seen.GetProperty($"p{percent}_ns").GetDouble();
            Assert.True(
                found >= (1 - PercentileTolerance) * low - laterNs && found <= (1 + PercentileTolerance) * high + NoticingNs,
                $"p{percent}: the observer says {found / 1e6:0.000} ms, it was {known[percent] / 1e6:0.000} ms (from {low / 1e6:0.000} to {high / 1e6:0.000} ms by rank)");
        }

        Assert.InRange(seen.GetProperty("max_ns").GetDouble(), (1 - PercentileTolerance) * known[100] - laterNs, double.MaxValue);
    }

    private static void AssertNear(double truth, double seen, double tolerance, string what) =>
        Assert.True(Math.Abs(seen - truth) <= tolerance, $"{what}: the observer says {seen / 1e6:0.000} ms, it was {truth / 1e6:0.000} ms, at most {tolerance / 1e6:0.000} ms off is right");

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
