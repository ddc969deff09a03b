using System.Globalization;

namespace Coxswain.Kernel.Tests;

/// <summary>
/// What holds around every test: the guest is as if no scheduler had ever been loaded, before and after; the scheduler was
/// attached as often as the test says and never by anybody else (a restart); and the kernel has nothing to complain of.
/// </summary>
public abstract class KernelTest(IBootedKernel kernel) : IAsyncLifetime
{
    // All CPUs, and no scheduler, for which it waits ten seconds.
    private const string LeaveNothing =
        """
        for cpu in /sys/devices/system/cpu/cpu*/online; do [ ! -e $cpu ] || echo 1 >$cpu || exit; done
        tries=200
        until read state </sys/kernel/sched_ext/state; [ $state = disabled ] || [ $tries = 0 ]; do tries=$((tries - 1)); usleep 50000; done
        """;

    private int _logStart;
    private long _enableSequence;

    protected Guest Guest => kernel.Guest;

    /// <summary>How often the test has attached the scheduler. Checked against the kernel's own count.</summary>
    protected int Attached { get; set; }

    /// <summary>What the kernel may say in this test though it is an offence elsewhere: parts of lines.</summary>
    protected IReadOnlyList<string> Tolerated { get; set; } = [];

    public virtual async ValueTask InitializeAsync()
    {
        _logStart = Guest.Log.Position;
        (string state, _enableSequence) = await MarkAsync("begin");
        Assert.Equal("disabled", state);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        try
        {
            await Guest.KillProcessesAsync();
            (string state, long sequence) = await MarkAsync("end", LeaveNothing);
            Assert.Equal("disabled", state);
            string[] offences = [.. Guest.Log.OffencesFrom(_logStart, OwnWarnings()).Where(l => !Tolerated.Any(t => l.Contains(t, StringComparison.Ordinal)))];
            Assert.True(offences.Length == 0, $"the kernel complained:\n{string.Join('\n', offences)}");
            Assert.Equal(_enableSequence + Attached, sequence);
        }
        finally
        {
            // Shown by the runner when the test has failed.
            TestContext.Current.TestOutputHelper?.WriteLine($"kernel {Guest.Release}:\n{string.Join('\n', Guest.Log.From(_logStart))}");
        }
    }

    // Before 7.1 the kernel may forget to clear the queue that select_cpu chose for a task which then changes its scheduling
    // policy, or is taken along when a scheduler ends, and warns at the task's next wake-up, of whatever scheduler: fixed by
    // commit 7e0ffb72de8a, "sched_ext: Fix stale direct dispatch state in ddsp_dsq_id".
    private IReadOnlyList<string> OwnWarnings() => Guest.Version < new Version(7, 1) ? ["scx_dsq_insert_commit"] : [];

    protected async Task<string> StateAsync() => (await Guest.ControlAsync("cat /sys/kernel/sched_ext/state")).Succeeded().LastLine;

    protected async Task WaitForStateAsync(string wanted, TimeSpan limit)
    {
        GuestResult result = await Guest.ControlAsync($"until [ $(cat /sys/kernel/sched_ext/state) = {wanted} ]; do usleep 50000; done", limit);
        Assert.True(result.ExitCode == 0, $"sched_ext is {await StateAsync()} instead of {wanted} after {limit.TotalSeconds} s");
    }

    protected async Task<long> EnableSequenceAsync() =>
        long.Parse((await Guest.ControlAsync("cat /sys/kernel/sched_ext/enable_seq")).Succeeded().LastLine, CultureInfo.InvariantCulture);

    // One script, not one for each question: around every test they are half a second.
    private async Task<(string State, long EnableSequence)> MarkAsync(string what, string before = "")
    {
        GuestResult result = await Guest.MarkLogAsync($"{before}\ncd /sys/kernel/sched_ext && read state <state && read seq <enable_seq && echo $state $seq", $"{what} {Name}");
        string[] words = result.LastLine.Split(' ');
        return (words[0], long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    private static string Name => TestContext.Current.TestMethod?.MethodName ?? "";
}
