using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>What the observer says, beside what a workload knows by its own clock and what the kernel counts of it.</summary>
public abstract partial class SchedulerTests
{
    /// <summary>A percentile is the middle of a bucket, at most 6 % off; the rest is what it takes on an emulated CPU to notice and to be told.</summary>
    private const double PercentileTolerance = 0.10;
    private const double NoticingNs = 1_000_000;

    /// <summary>By how much a timer of an emulated CPU on a busy machine may be late.</summary>
    private const double TimerNs = 4_000_000;

    /// <summary>Sums are exact, but begin and end a little earlier or later.</summary>
    private const double SumTolerance = 0.05;

    [Theory]
    [Measured]
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
    [Measured]
    [InlineData("the kernel")]
    [InlineData("coxswain")]
    public async Task Who_wakes_up_beside_others_waited_as_long_as_it_was_late(string scheduler)
    {
        Holder? holder = scheduler == "coxswain" ? await AttachAsync() : null;
        Hogs hogs = await Hogs.StartAsync(Guest, 2, "exec taskset 2");

        (JsonElement truth, JsonElement seen) = await ObserveWorkloadAsync("waker", "cox-waits waker --run-us 1000 --nice 10 --seconds 4");

        // The observer sees it wait for the word to begin, too.
        double start = truth.GetProperty("start_wait_ns").GetDouble();
        double wait = start + truth.GetProperty("kernel_wait_ns").GetDouble();
        Assert.True(truth.GetProperty("samples").GetInt32() > 30, truth.ToString());
        // Else there would be nothing to compare.
        Assert.InRange(wait, 100e6, 3.8e9);
        // The kernel begins to count when it puts the waker into a queue, the observer when it is about to.
        AssertNear(
            wait, seen.GetProperty("wait_ns").GetDouble(),
            SumTolerance * wait + NoticingNs * truth.GetProperty("samples").GetInt32(), "time waited, by the kernel");
        // No more than it was late in all: sleep is no part of it.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 0, (1 + SumTolerance) * (start + truth.GetProperty("sum_ns").GetDouble()) + 20e6);
        // A timer of an emulated CPU may be late by itself, which is no waiting; more than its lateness nobody waited.
        AssertPercentiles(truth, seen, TimerNs);
        await hogs.Process.KillAsync();
        if (holder is not null)
        {
            await holder.StopAsync();
        }
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
}
