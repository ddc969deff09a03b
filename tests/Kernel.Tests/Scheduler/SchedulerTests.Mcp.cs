using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>What a client asks for is in the kernel, and is gone from it again.</summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task A_directive_is_in_the_kernel_for_every_thread_until_it_is_reverted()
    {
        Threads threads = await Threads.StartAsync(Guest);
        McpSession session = await ServeAsync();

        JsonElement applied = await session.CallAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "high", reason = "test" });

        Assert.Equal(threads.Ids.Count, applied.GetProperty("applied").GetInt32());
        Assert.True(applied.GetProperty("visible_in_kernel").GetBoolean(), applied.GetRawText());
        Assert.Equal(threads.Ids.Order(), Rows(applied, "tasks").Select(t => t.GetProperty("pid").GetInt32()).Order());
        Assert.All(Rows(applied, "tasks"), t => Assert.Equal("high", t.GetProperty("class").GetString()));
        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(KernelDirective.High, 0));

        // Born later, it must not have to be found first.
        int born = await threads.BearAsync();
        await ExpectDirectivesAsync([born], new KernelDirective(KernelDirective.High, 0));
        JsonElement listed = await session.CallAsync("list_tasks", new { pid = threads.Pid });
        Assert.Equal(threads.Ids.Order(), Rows(listed, "tasks").Select(t => t.GetProperty("pid").GetInt32()).Order());
        Assert.All(Rows(listed, "tasks"), t => Assert.Equal("high", t.GetProperty("class").GetString()));

        JsonElement reverted = await session.CallAsync("revert", new { change_ids = (string?[])[applied.GetProperty("change_id").GetString()] });
        Assert.True(reverted.GetProperty("gone_from_kernel").GetBoolean(), reverted.GetRawText());
        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(0, 0));
        listed = await session.CallAsync("list_tasks", new { pid = threads.Pid });
        Assert.All(Rows(listed, "tasks"), t => Assert.False(t.TryGetProperty("class", out _), t.GetRawText()));
        Assert.Equal(0, (await session.CallAsync("list_changes")).GetProperty("active").GetInt32());

        await threads.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task Ten_thousand_directives_are_in_the_kernel_and_gone_from_it_again()
    {
        const int Count = 10_000; // the most that one change may have
        Threads threads = await Threads.StartManyAsync(Guest, Count);
        McpSession session = await ServeAsync();

        long asked = Stopwatch.GetTimestamp();
        JsonElement applied = await session.CallAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "low", confirm = true }, s_loadLimit);
        TimeSpan toApply = Stopwatch.GetElapsedTime(asked);
        Assert.Equal(Count, applied.GetProperty("applied").GetInt32());
        Assert.True(applied.GetProperty("visible_in_kernel").GetBoolean(), applied.GetProperty("applied").GetRawText());
        Assert.Equal(Count, await DirectedAsync());

        asked = Stopwatch.GetTimestamp();
        JsonElement reverted = await session.CallAsync("revert", new { change_ids = (string?[])[applied.GetProperty("change_id").GetString()] }, s_loadLimit);
        Output($"applied in {toApply.TotalSeconds:F1} s, reverted in {Stopwatch.GetElapsedTime(asked).TotalSeconds:F1} s");
        Assert.True(reverted.GetProperty("gone_from_kernel").GetBoolean(), reverted.GetRawText());
        Assert.Equal(0, await DirectedAsync());

        await threads.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task A_directive_ends_by_itself()
    {
        Threads threads = await Threads.StartAsync(Guest);
        McpSession session = await ServeAsync();

        JsonElement applied = await session.CallAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "background", ttl_seconds = 3 });
        Assert.True(applied.GetProperty("visible_in_kernel").GetBoolean(), applied.GetRawText());
        await threads.BearAsync();
        await Task.Delay(TimeSpan.FromSeconds(6), Cancellation);

        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(0, 0));
        JsonElement listed = await session.CallAsync("list_tasks", new { pid = threads.Pid });
        Assert.All(Rows(listed, "tasks"), t => Assert.False(t.TryGetProperty("class", out _), t.GetRawText()));
        JsonElement changes = await session.CallAsync("list_changes", new { include_ended = true });
        Assert.Equal(0, changes.GetProperty("active").GetInt32());
        JsonElement change = Assert.Single(Rows(changes, "changes"));
        Assert.Equal("ended", change.GetProperty("state").GetString());
        Assert.Equal("expired", change.GetProperty("ended_by").GetString());

        await threads.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task A_time_slice_and_a_class_are_in_the_kernel_side_by_side()
    {
        Threads threads = await Threads.StartAsync(Guest);
        McpSession session = await ServeAsync();

        JsonElement slice = await session.CallAsync("set_timeslice", new { pids = (int[])[threads.Pid], slice_us = 3000 });
        Assert.True(slice.GetProperty("visible_in_kernel").GetBoolean(), slice.GetRawText());
        Assert.All(Rows(slice, "tasks"), t => Assert.Equal(3000, t.GetProperty("slice_us").GetInt32()));
        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(0, 3_000_000));

        await session.CallAsync("prioritize_tasks", new { pids = (int[])[threads.Pid], @class = "latency_critical" });
        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(KernelDirective.LatencyCritical, 3_000_000));

        await session.CallAsync("revert", new { change_ids = (string?[])[slice.GetProperty("change_id").GetString()] });
        await ExpectDirectivesAsync(threads.Ids, new KernelDirective(KernelDirective.LatencyCritical, 0));

        await threads.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task A_process_that_starts_later_is_covered_by_a_command_regex()
    {
        Threads first = await Threads.StartAsync(Guest, "crew");
        McpSession session = await ServeAsync();
        JsonElement applied = await session.CallAsync("prioritize_tasks", new { command = "^crew-", @class = "high" });
        Assert.True(applied.GetProperty("applied").GetInt32() >= first.Ids.Count - 1, applied.GetRawText());

        Threads second = await Threads.StartAsync(Guest, "crew");
        await Task.Delay(TimeSpan.FromSeconds(5), Cancellation);

        await ExpectDirectivesAsync(second.Ids.Skip(1), new KernelDirective(KernelDirective.High, 0));
        await first.EndAsync();
        await second.EndAsync();
        await EndAsync(session);
    }

    [Fact]
    public async Task Protected_and_absent_tasks_are_refused_and_nothing_is_changed()
    {
        McpSession session = await ServeAsync();
        const int KernelThread = 2;

        foreach (int pid in (int[])[1, KernelThread, session.Process.Pid, 4_000_000])
        {
            string refusal = await session.RefusedAsync("prioritize_tasks", new { pids = (int[])[pid], @class = "background" });
            Assert.EndsWith("Nothing was changed.", refusal, StringComparison.Ordinal);
        }

        await ExpectDirectivesAsync([1, KernelThread, session.Process.Pid], new KernelDirective(0, 0));
        await EndAsync(session);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("EOF")]
    public async Task The_server_ends_in_an_orderly_way_under_load_with_a_change_in_force(string how)
    {
        Hogs hogs = await Hogs.StartAsync(Guest, 4);
        // A shell's background commands ignore SIGINT unless told otherwise.
        McpSession session = await ServeAsync("exec /usr/local/bin/env --default-signal=INT coxswain mcp");
        await session.CallAsync("prioritize_tasks", new { command = "^hog$", @class = "low" });

        await (how == "EOF" ? session.Process.CloseInputAsync() : session.Process.SignalAsync(how));

        Assert.Equal(0, await session.Process.WaitAsync());
        Assert.Equal("disabled", await StateAsync());
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(1));
        await OnlyProtocolAsync(session);
    }

    private static JsonElement.ArrayEnumerator Rows(JsonElement result, string name) => result.GetProperty(name).EnumerateArray();

    private async Task<McpSession> ServeAsync(string command = "exec coxswain mcp")
    {
        Attached++;
        McpSession session = await McpSession.StartAsync(Guest, command);
        JsonElement status = await session.LoadedAsync();
        Assert.True(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        Assert.Equal("enabled", await StateAsync());
        return session;
    }

    private async Task EndAsync(McpSession session)
    {
        JsonElement status = await session.CallAsync("get_status");
        Assert.True(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        Assert.False(status.TryGetProperty("last_exit", out _), status.GetRawText());
        Assert.Equal(0, await session.LeaveAsync());
        Assert.Equal("disabled", await StateAsync());
        await OnlyProtocolAsync(session);
    }

    /// <summary>Anything else on standard output would break clients.</summary>
    private static async Task OnlyProtocolAsync(McpSession session)
    {
        string output = await session.Process.OutputAsync();
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
            Assert.Equal("2.0", JsonElement.Parse(line).GetProperty("jsonrpc").GetString()));
    }

    private async Task ExpectDirectivesAsync(IEnumerable<int> threads, KernelDirective wanted) =>
        Assert.All(await KernelDirective.ReadAsync(Guest, threads), found => Assert.Equal(wanted, found));

    /// <summary>How many threads of the machine have a directive in the kernel.</summary>
    private async Task<int> DirectedAsync() =>
        int.Parse((await Guest.ControlAsync("coxswain-guest directives | grep -o '\"tid\":' | wc -l", s_loadLimit)).Succeeded().LastLine, CultureInfo.InvariantCulture);
}
