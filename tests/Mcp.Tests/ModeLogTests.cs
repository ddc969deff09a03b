using Coxswain.Core.Kernel;
using Coxswain.Mcp.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What becomes an entry of the log.</summary>
public sealed class ModeLogTests
{
    private static readonly SchedulerSnapshot s_attached = new()
    {
        Attached = true,
        AttachedSince = DateTimeOffset.UnixEpoch,
        KernelState = "enabled",
        KernelRelease = "x",
        Cpus = 1,
        Mode = "assist",
        Policy = "deadline",
    };

    [Fact]
    public async Task Modes_that_the_kernel_side_chose_are_told_with_the_reason_also_when_they_are_over_already()
    {
        await using var rig = await ToolRig.StartAsync();
        var log = Make(rig);
        log.Compare(s_attached, s_attached with { AutonomousCount = 2, ModeChanges = [new ModeChange(5, "autonomous", "User space left notices unread for too long."), new ModeChange(1, "assist", "It reads again.")] });
        Assert.Contains(rig.Log.Messages, message => message.Contains("The kernel side went on alone 2 times within a second: User space left notices unread for too long.; mode now: assist", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Modes_and_policies_that_were_set_and_a_policy_that_failed_are_told()
    {
        await using var rig = await ToolRig.StartAsync();
        var log = Make(rig);
        log.Compare(s_attached, s_attached with { Mode = "strict", Policy = "fifo", PolicyFailure = "it lost a task" });
        foreach (var wanted in (string[])["Mode changed from assist to strict", "Policy changed from deadline to fifo", "Policy fifo is not asked any more: it lost a task"])
        {
            Assert.Contains(rig.Log.Messages, message => message.Contains(wanted, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_did_not_change_and_a_new_attachment_are_no_event_of_the_mode()
    {
        await using var rig = await ToolRig.StartAsync();
        var log = Make(rig);
        log.Compare(s_attached, s_attached);
        log.Compare(s_attached, s_attached with { Attached = false, Mode = "" });
        log.Compare(s_attached, s_attached with { AttachedSince = DateTimeOffset.UnixEpoch.AddSeconds(5), Mode = "strict" });
        Assert.DoesNotContain(rig.Log.Messages, message => message.Contains("Mode changed", StringComparison.Ordinal) || message.Contains("went on alone", StringComparison.Ordinal));
    }

    private static ModeLog Make(ToolRig rig) => new(rig.Service<SchedulerHost>(), rig.Time, rig.Service<ILogger<ModeLog>>());
}
