using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>
/// What operators ask for, as a script of calls that an agent would make. Checked are the state of the kernel at the end, the number of
/// calls, and how much a model has to read for it. All the others are in Mcp.Tests, on a kernel that is made up.
/// </summary>
public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Asked_whether_it_runs_or_fell_back_it_says_what_the_kernel_says()
    {
        Tolerated = ["sched_ext:"];
        var agent = new Agent(await ServeAsync());

        JsonElement status = await agent.AskAsync("get_status");
        Assert.Equal((true, "enabled"), (status.GetProperty("attached").GetBoolean(), await StateAsync()));
        Assert.InRange(status.GetProperty("attached_since").GetDateTimeOffset(), DateTimeOffset.UnixEpoch, status.GetProperty("as_of").GetDateTimeOffset());

        // The kernel takes it off.
        (await Guest.ControlAsync("echo S >/proc/sysrq-trigger")).Succeeded();
        await WaitForStateAsync("disabled", TimeSpan.FromSeconds(10));
        status = await agent.AskAsync("get_status");

        Assert.False(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        Assert.NotEmpty(status.GetProperty("reason").GetString()!);
        agent.AssertCost(mostCalls: 2);
        Assert.Equal(0, await agent.Session.LeaveAsync());
    }

    [Fact]
    public async Task Asked_to_undo_the_last_thing_it_takes_only_this_clients_newest_change_out_of_the_kernel()
    {
        Attached++;
        Daemon daemon = await Daemon.StartAsync(Guest);
        Threads older = await Threads.StartAsync(Guest), newer = await Threads.StartAsync(Guest), others = await Threads.StartAsync(Guest);
        McpSession mine = await daemon.ConnectAsync("mine"), other = await daemon.ConnectAsync("other");
        await mine.CallAsync("prioritize_tasks", new { pids = (int[])[older.Pid], @class = "high" });
        await mine.CallAsync("prioritize_tasks", new { pids = (int[])[newer.Pid], @class = "background" });
        // The newest of all is none of this client's.
        await other.CallAsync("prioritize_tasks", new { pids = (int[])[others.Pid], @class = "latency_critical" });

        var agent = new Agent(mine);
        JsonElement newest = Rows(await agent.AskAsync("list_changes"), "changes").First(change => change.GetProperty("by").GetString()!.StartsWith("mine ", StringComparison.Ordinal));
        await agent.AskAsync("revert", new { change_ids = (string?[])[newest.GetProperty("change_id").GetString()] });

        await ExpectDirectivesAsync(older.Ids, new KernelDirective(KernelDirective.High, 0));
        await ExpectDirectivesAsync(newer.Ids, new KernelDirective(0, 0));
        await ExpectDirectivesAsync(others.Ids, new KernelDirective(KernelDirective.LatencyCritical, 0));
        agent.AssertCost(mostCalls: 3);
        await mine.LeaveAsync();
        await other.LeaveAsync();
        await daemon.StopAsync();
    }

    [Fact]
    public async Task Asked_to_stop_kubelet_and_sshd_it_refuses_and_no_thread_of_theirs_is_touched()
    {
        (await Guest.ControlAsync("mkdir -p /run/node && cp $(command -v cox-mt) /run/node/kubelet && cp $(command -v cox-mt) /run/node/sshd")).Succeeded();
        Threads kubelet = await Threads.StartAsync(Guest, program: "/run/node/kubelet"), sshd = await Threads.StartAsync(Guest, program: "/run/node/sshd");
        var agent = new Agent(await ServeAsync());
        IReadOnlyList<string> before = await DirectiveMaps.ReadAsync(Guest);

        Assert.Contains("protected", await agent.AskInVainAsync("prioritize_tasks", new { @class = "background", command = "^(kubelet|sshd)$" }), StringComparison.Ordinal);
        Assert.Contains("protected", await agent.AskInVainAsync("set_affinity", new { cpus = "1", pids = (int[])[kubelet.Pid] }), StringComparison.Ordinal);

        Assert.Equal(before, await DirectiveMaps.ReadAsync(Guest));
        await ExpectDirectivesAsync([.. kubelet.Ids, .. sshd.Ids], new KernelDirective(0, 0));
        agent.AssertCost(mostCalls: 4);
        await kubelet.EndAsync();
        await sshd.EndAsync();
        await EndAsync(agent.Session);
    }

    /// <summary>Counts what an agent has to call, and to read.</summary>
    private sealed class Agent(McpSession session)
    {
        // As in Mcp.Tests.
        private const int MostBytes = 12_000;
        private int _calls;
        private int _bytes;

        public McpSession Session => session;

        public async Task<JsonElement> AskAsync(string tool, object? arguments = null)
        {
            JsonElement result = await session.CallAsync(tool, arguments);
            Count(result.GetRawText());
            return result;
        }

        public async Task<string> AskInVainAsync(string tool, object arguments)
        {
            string text = await session.RefusedAsync(tool, arguments);
            Count(text);
            Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
            return text;
        }

        public void AssertCost(int mostCalls)
        {
            Output($"{_calls} calls, {_bytes} bytes");
            Assert.InRange(_calls, 1, mostCalls);
            Assert.InRange(_bytes, 100, MostBytes);
        }

        private void Count(string text) => (_calls, _bytes) = (_calls + 1, _bytes + System.Text.Encoding.UTF8.GetByteCount(text));
    }
}
