using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>Processes that come to match a change are told of by the kernel, not looked for.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task A_process_that_executes_a_program_of_the_name_is_directed_in_milliseconds()
    {
        McpSession session = await ServeAsync();
        Threads first = await Threads.StartAsync(Guest, "crew");
        await session.CallAsync("prioritize_tasks", new { command = "^crew", @class = "high" });

        JsonElement spawned = (await Guest.RunAsync("cox-spawn --wanted crew --rate 4 --duration 10")).Succeeded().Json();

        Output(spawned.GetRawText());
        Assert.Equal(0, spawned.GetProperty("failed").GetInt32());
        Assert.True(spawned.GetProperty("wanted").GetInt32() >= 10, spawned.GetRawText());
        Assert.Equal(spawned.GetProperty("wanted").GetInt32(), spawned.GetProperty("reached").GetInt32());
        Assert.Equal(0, spawned.GetProperty("strangers_directed").GetInt32());
        int milliseconds = spawned.GetProperty("reach_us").GetProperty("p50").GetInt32() / 1000;
        Assert.InRange(milliseconds, 0, 10);
        JsonElement status = await session.CallAsync("get_status");
        Assert.DoesNotContain("polling", status.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.True(status.GetProperty("counters").GetProperty("thread_events").GetInt64() > 0, status.GetRawText());
        await first.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task Every_process_born_in_a_directed_cgroup_has_the_class_when_it_first_runs()
    {
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "nursery");
        Threads resident = await Threads.StartAsync(Guest);
        await cgroup.SetAsync("cgroup.procs", $"{resident.Pid}");
        McpSession session = await ServeAsync();
        // A class that nobody else has: the scheduler counts who runs for the first time, by the class at that moment.
        await session.CallAsync("prioritize_tasks", new { cgroup = "/nursery", @class = "low" });
        long before = await BornLowAsync();

        GuestProcess spawning = await Guest.StartAsync($"{cgroup.Enter} cox-spawn --rate 200 --duration 10");
        Assert.Equal(0, await spawning.WaitAsync());

        JsonElement spawned = JsonElement.Parse(await spawning.OutputAsync());
        Output(spawned.GetRawText());
        Assert.Equal(0, spawned.GetProperty("failed").GetInt32());
        Assert.Equal(spawned.GetProperty("born").GetInt64(), await BornLowAsync() - before);
        await resident.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task A_number_that_passes_from_one_process_to_another_takes_no_directive_along()
    {
        McpSession session = await ServeAsync();
        Threads first = await Threads.StartAsync(Guest, "crew");
        await session.CallAsync("prioritize_tasks", new { command = "^crew", @class = "high" });
        string most = (await Guest.ControlAsync("cat /proc/sys/kernel/pid_max; echo 1000 >/proc/sys/kernel/pid_max")).Succeeded().Text.Split('\n')[0];
        try
        {
            // More processes than there are numbers.
            JsonElement spawned = (await Guest.RunAsync("cox-spawn --wanted crew --rate 0 --parallel 24 --count 1500 --duration 0", s_loadLimit)).Succeeded().Json();

            Output(spawned.GetRawText());
            Assert.Equal((1500, 0), (spawned.GetProperty("born").GetInt32(), spawned.GetProperty("failed").GetInt32()));
            Assert.Equal(0, spawned.GetProperty("strangers_directed").GetInt32());
            Assert.True(spawned.GetProperty("reached").GetInt32() > 0, spawned.GetRawText());
        }
        finally
        {
            (await Guest.ControlAsync(string.Create(CultureInfo.InvariantCulture, $"echo {most} >/proc/sys/kernel/pid_max"))).Succeeded();
        }

        await first.EndAsync();
        await EndAsync(session);
    }

    private async Task<long> BornLowAsync() =>
        (await Guest.ControlAsync("coxswain-guest mode")).Succeeded().Json().GetProperty("counters").GetProperty("born_low").GetInt64();
}
