using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>Two last-level caches of two cores each, of two CPUs each: 0 and 1, 2 and 3, ...</summary>
[RunsOn("newest", Topology = "sockets=2,cores=2,threads=2")]
public sealed class CoreTests(BootedKernel<CoreTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<CoreTests>>
{
    private const int Rounds = 10;

    /// <summary>Rounds in which something else that runs for a moment makes another CPU the best one.</summary>
    private const int Disturbed = 2;

    [Fact]
    public async Task A_woken_task_of_a_CPU_set_goes_to_an_idle_core_before_the_idle_half_of_a_busy_one()
    {
        Assert.Equal("0-1", (await Guest.ControlAsync("cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list")).Succeeded().LastLine);
        await Hogs.StartAsync(Guest, 1, "exec taskset 1");

        // On 1 at first, whose sibling is busy.
        int[] cpus = await ChosenAsync(first: "1", set: "1-3");

        Assert.True(cpus.Count(c => c is 2 or 3) >= Rounds - Disturbed, string.Join(' ', cpus));
    }

    [Fact]
    public async Task A_woken_task_of_a_CPU_set_stays_near_the_cache_it_was_last_in()
    {
        await Hogs.StartAsync(Guest, 1, "exec taskset 40");

        // On 6 at first, which is busy: 4 is an idle core as well as 2, and shares its cache.
        int[] cpus = await ChosenAsync(first: "6", set: "2,4,6");

        Assert.True(cpus.Count(c => c == 4) >= Rounds - Disturbed, string.Join(' ', cpus));
    }

    /// <summary>Where a task that sleeps most of the time is soon after its CPU set has been made wider, several times.</summary>
    private async Task<int[]> ChosenAsync(string first, string set)
    {
        Holder holder = await AttachAsync();
        // It wakes long after the threads that obey have gone back to sleep: these would make other CPUs the best ones.
        GuestProcess process = await Guest.StartAsync("exec cox-mt --threads 1 --spin-us 200 --sleep-us 250000");
        int id = JsonElement.Parse(await process.ReadLineAsync()).GetProperty("tids")[0].GetInt32();
        var cpus = new int[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            await holder.AskAsync($"task {id} hard {first}");
            await Task.Delay(TimeSpan.FromSeconds(0.5), TestContext.Current.CancellationToken);
            Assert.Equal(first, await CpuAsync(id));
            await holder.AskAsync($"task {id} hard {set}");
            cpus[i] = int.Parse(await CpuAsync(id, after: "usleep 500000; "), CultureInfo.InvariantCulture);
        }

        await holder.AskAsync($"task {id} none");
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', cpus)}; {await holder.StopAsync()}");
        return cpus;
    }

    /// <summary>The CPU that a thread ran on last.</summary>
    private async Task<string> CpuAsync(int id, string after = "") =>
        (await Guest.ControlAsync(string.Create(CultureInfo.InvariantCulture, $"{after}cut -d' ' -f39 /proc/{id}/stat"))).Succeeded().LastLine;
}
