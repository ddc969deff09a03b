using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>A change that harms others is taken back by itself, and says why.</summary>
public abstract partial class SchedulerTests
{
    // The guest's own configuration has the daemon's own guard off.
    private const string Guarded = "echo >/run/guarded.toml; exec coxswain mcp --config /run/guarded.toml";

    [Fact]
    [Measured]
    public async Task Prioritising_a_batch_job_that_starves_a_service_is_reverted_by_the_guard_in_five_seconds()
    {
        Hogs job = await StartBatchBesideServiceAsync();
        McpSession session = await ServeAsync(Guarded);
        Output((await session.CallAsync("get_metrics", new { window_seconds = 8, scope = "command", name = "^web$" })).GetProperty("wait_us").GetRawText());

        JsonElement applied = await session.CallAsync("prioritize_tasks", new { pids = await NumbersAsync(job), @class = "latency_critical", reason = "the report is late" });
        Assert.True(applied.GetProperty("visible_in_kernel").GetBoolean(), applied.GetRawText());
        JsonElement change = await EndedAsync(session);

        JsonElement finding = ExpectGuard(change, "bystanders");
        Output(finding.GetRawText());
        Assert.Contains("web", finding.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(finding.GetProperty("measured_us").GetDouble() > 2 * finding.GetProperty("before_us").GetDouble(), finding.GetRawText());
        Assert.Equal(change.GetProperty("change_id").GetString(), (await session.CallAsync("get_status")).GetProperty("guard").GetProperty("last_change_id").GetString());
        await ExpectDirectivesAsync(await NumbersAsync(job), new KernelDirective(0, 0));
        Assert.Equal(0, await session.LeaveAsync());
    }

    [Fact]
    [Measured]
    public async Task A_change_with_a_guard_is_reverted_when_what_it_names_waits_too_long()
    {
        Hogs job = await StartBatchBesideServiceAsync();
        McpSession session = await ServeAsync();
        JsonElement before = await session.CallAsync("get_metrics", new { window_seconds = 5, scope = "command", name = "^web$" });
        int accepted = (int)(1.5 * before.GetProperty("wait_us").GetProperty("p99").GetDouble()) + 1000;

        await session.CallAsync("prioritize_tasks", new
        {
            pids = await NumbersAsync(job),
            @class = "latency_critical",
            guard = new { workload = "command:^web$", metric = "wait_p99_us", worse_than_us = accepted, for_seconds = 2 },
        });
        JsonElement change = await EndedAsync(session);

        JsonElement finding = ExpectGuard(change, "condition");
        Assert.Equal((accepted, 2), (finding.GetProperty("limit_us").GetInt32(), finding.GetProperty("seconds").GetInt32()));
        Assert.True(finding.GetProperty("measured_us").GetDouble() > accepted, finding.GetRawText());
        await ExpectDirectivesAsync(await NumbersAsync(job), new KernelDirective(0, 0));
        Assert.Equal(0, await session.LeaveAsync());
    }

    // The service needs half of each CPU, twenty times a second; the job takes what is left, at nice 19.
    private async Task<Hogs> StartBatchBesideServiceAsync()
    {
        Hogs job = await Hogs.StartAsync(Guest, 2, "exec nice -n 19");
        GuestProcess service = await Guest.StartAsync("exec cox-wake --name web --threads 2 --period-us 50000 --work-us 25000");
        await service.WriteLineAsync("100000");
        return job;
    }

    private static async Task<int[]> NumbersAsync(Hogs hogs) =>
        [.. (await hogs.PidsAsync()).Where(pid => pid.Length > 0).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    private static async Task<JsonElement> EndedAsync(McpSession session)
    {
        for (int i = 0; i < 30; i++)
        {
            JsonElement change = Assert.Single(Rows(await session.CallAsync("list_changes", new { include_ended = true }), "changes"));
            if (change.GetProperty("state").GetString() == "ended")
            {
                return change;
            }

            await Task.Delay(500, Cancellation);
        }

        throw new GuestException($"no guard has reverted it: {await session.CallAsync("get_metrics", new { window_seconds = 3, scope = "command", name = "^web$" })}");
    }

    private static JsonElement ExpectGuard(JsonElement change, string trigger)
    {
        TimeSpan lived = change.GetProperty("ended_at").GetDateTimeOffset() - change.GetProperty("created_at").GetDateTimeOffset();
        Assert.InRange(lived.TotalSeconds, 1, 5);
        Assert.Equal(("reverted", "guard"), (change.GetProperty("ended_by").GetString(), change.GetProperty("reverted_by").GetString()));
        Assert.Equal(trigger, change.GetProperty("finding").GetProperty("trigger").GetString());
        return change.GetProperty("finding");
    }
}
