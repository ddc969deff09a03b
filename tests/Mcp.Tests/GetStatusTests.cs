using Coxswain.Core.Kernel;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Mcp.Tests;

public sealed class GetStatusTests
{
    [Fact]
    public async Task An_attached_scheduler_is_described_as_the_kernel_shows_it()
    {
        await using var rig = await ToolRig.StartAsync();
        var status = await rig.CallAsync("get_status");
        Assert.True(status.GetProperty("attached").GetBoolean());
        Assert.False(status.TryGetProperty("reason", out _));
        Assert.Equal(("assist", "vtime"), (status.GetProperty("mode").GetString(), status.GetProperty("policy").GetString()));
        Assert.Equal((2000, 20_000), (status.GetProperty("lease_us").GetInt32(), status.GetProperty("slice_us").GetInt32()));
        Assert.Equal(("enabled", 4), (status.GetProperty("kernel").GetProperty("sched_ext_state").GetString(), status.GetProperty("kernel").GetProperty("cpus").GetInt32()));
        Assert.Equal("2026-09-01T12:00:00Z", status.GetProperty("as_of").GetString());
    }

    [Fact]
    public async Task That_new_threads_are_found_by_polling_is_told_with_the_reason()
    {
        await using var rig = await ToolRig.StartAsync(events: new FakeEvents());
        var hint = (await rig.CallAsync("get_status")).GetProperty("hint").GetString();
        Assert.EndsWith("are found by polling, within seconds, as the kernel does not tell of them: not started.", hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_happened_is_counted()
    {
        await using var rig = await ToolRig.StartAsync();
        var counters = (await rig.CallAsync("get_status")).GetProperty("counters");
        Assert.Equal(["moved", "parked", "taken"], counters.EnumerateObject().Select(counter => counter.Name));
    }

    [Fact]
    public async Task An_ended_scheduler_says_why_and_how_it_ended()
    {
        await using var rig = await ToolRig.StartAsync();
        rig.Kernel.Eject("The kernel ended the scheduler: runnable task stall");
        var status = await rig.CallAsync("get_status");
        Assert.False(status.GetProperty("attached").GetBoolean());
        Assert.Equal("The kernel ended the scheduler: runnable task stall", status.GetProperty("reason").GetString());
        Assert.Equal(1026, status.GetProperty("last_exit").GetProperty("kind").GetInt32());
        Assert.False(status.TryGetProperty("mode", out _));
        Assert.Contains("changes are refused", status.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scheduler_that_cannot_start_is_no_reason_not_to_serve()
    {
        await using var rig = await ToolRig.StartAsync(start: () => throw new SchedulerUnavailableException("This kernel has no sched_ext. Install one that has."));
        rig.Machine.Start(10, "upf");
        rig.Kernel.Eject("not started");

        var status = await rig.CallAsync("get_status");

        Assert.Equal("This kernel has no sched_ext. Install one that has.", status.GetProperty("reason").GetString());
        Assert.Equal(
            "prioritize_tasks: This kernel has no sched_ext. Install one that has. get_status has the details. Nothing was changed.",
            await rig.RefusalAsync("prioritize_tasks", new { @class = "high", pids = new[] { 10 } }));
        Assert.Equal(1, (await rig.CallAsync("list_tasks", new { pid = 10 })).GetProperty("total").GetInt32());
        Assert.Contains(rig.Log.Messages, message => message.StartsWith("Warning: Serving without a scheduler", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whatever_keeps_the_scheduler_from_starting_is_told()
    {
        await using var rig = await ToolRig.StartAsync(start: () => throw new DllNotFoundException("libcoxswain_native"));
        rig.Kernel.Eject("not started");
        Assert.Equal(
            "The scheduler could not be loaded: libcoxswain_native",
            (await rig.CallAsync("get_status")).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_call_that_comes_while_the_scheduler_is_loaded_waits_for_it()
    {
        using var loaded = new ManualResetEventSlim();
        // The handshake is over at once, or this line would not return.
        await using var rig = await ToolRig.StartAsync(start: loaded.Wait);
        var call = rig.CallAsync("get_status");
        Assert.False(call.IsCompleted);
        loaded.Set();
        Assert.True((await call).GetProperty("attached").GetBoolean());
    }

    [Fact]
    public async Task A_scheduler_that_takes_too_long_is_not_waited_for()
    {
        using var loaded = new ManualResetEventSlim();
        await using var rig = await ToolRig.StartAsync(start: loaded.Wait);
        var call = rig.CallAsync("get_status");
        while (!call.IsCompleted)
        {
            rig.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal("The scheduler is still being loaded; call again in a few seconds", (await call).GetProperty("reason").GetString());
        loaded.Set();
    }
}
