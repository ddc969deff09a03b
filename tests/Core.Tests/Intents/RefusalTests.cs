using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class RefusalTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public RefusalTests() => _rig.Machine.Start(10, "upf", "rx");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void One_dead_pid_refuses_the_whole_call()
    {
        AssertRefused(RejectionCause.NoSuchTask, "pid 4242 does not exist (any more)", Selector.OfPids([10, 4242]));
        AssertRefused(RejectionCause.NoSuchTask, "pids 4242, 4243 do not exist (any more)", Selector.OfPids([10, 4242, 4243]));
    }

    [Fact]
    public void A_zombie_counts_as_dead()
    {
        _rig.Machine.Start(30, "ghost");
        _rig.Machine.Change(30, task => task with { State = 'Z' });
        AssertRefused(RejectionCause.NoSuchTask, "pid 30 does not exist (any more)", Selector.OfPids([30]));
    }

    [Theory]
    [InlineData(1, "pid 1 (systemd) is protected: process 1 (init)")]
    [InlineData(2, "pid 2 (kthreadd) is protected: kernel thread")]
    [InlineData(99, "pid 99 (coxswain) is protected: coxswain itself")]
    [InlineData(100, "pid 100 (dispatch) is protected: coxswain itself")]
    public void Protected_pids_are_named_with_the_reason(int pid, string message) =>
        AssertRefused(RejectionCause.Protected, message, Selector.OfPids([10, pid]));

    [Fact]
    public void Every_problem_is_named_at_once() =>
        AssertRefused(
            RejectionCause.NoSuchTask,
            "pid 4242 does not exist (any more); pid 1 (systemd) is protected: process 1 (init)",
            Selector.OfPids([1, 4242]));

    [Fact]
    public void A_regex_that_matches_nothing_gets_suggestions()
    {
        _rig.Machine.Start(30, "nginx");
        AssertRefused(RejectionCause.NoSuchTask, "command \"^ngnix$\" matches no thread and no process; similar: nginx", Selector.OfCommand("^ngnix$"));
        AssertRefused(RejectionCause.NoSuchTask, "command \"xyzzy\" matches no thread and no process", Selector.OfCommand("xyzzy"));
    }

    [Fact]
    public void A_regex_that_matches_only_protected_threads_is_refused() =>
        AssertRefused(
            RejectionCause.Protected,
            "command \"^kthreadd$\" matches only protected threads, e.g. 2 (kthreadd): kernel thread",
            Selector.OfCommand("^kthreadd$"));

    [Theory]
    [InlineData("(", "command is not a valid regex")]
    [InlineData(@"(a)\1", "regex feature that is not available")]
    [InlineData("(?=x)", "regex feature that is not available")]
    [InlineData("(?:(?:a{100}){100}){100}", "regex feature that is not available")]
    public void A_regex_that_cannot_be_used_is_explained(string command, string message) =>
        Assert.Contains(message, Refusal(Selector.OfCommand(command), IntentEffect.OfSlice(1000)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_regex_longer_than_allowed_is_refused() =>
        Assert.Contains("1 to 256 characters", Refusal(Selector.OfCommand(new string('a', 257)), IntentEffect.OfSlice(1000)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(86_401)]
    public void A_lifetime_out_of_range_is_refused(int ttl) =>
        Assert.Equal($"ttl_seconds={ttl} is outside 1 to 86400", Refusal(Selector.OfPids([10]), IntentEffect.OfSlice(1000), ttl).Message);

    [Theory]
    [InlineData(99)]
    [InlineData(100_001)]
    [InlineData(-1)]
    public void A_slice_out_of_range_is_refused(int slice) =>
        Assert.Equal($"slice_us={slice} is outside 100 to 100000", Refusal(Selector.OfPids([10]), IntentEffect.OfSlice(slice)).Message);

    [Fact]
    public void Something_must_be_named_and_something_set()
    {
        Assert.StartsWith("no task is named", Refusal(Selector.OfPids([]), IntentEffect.OfSlice(1000)).Message, StringComparison.Ordinal);
        Assert.Equal("neither a class nor a slice nor CPUs are given", Refusal(Selector.OfPids([10]), default).Message);
        Assert.Equal("class 77 does not exist", Refusal(Selector.OfPids([10]), IntentEffect.OfClass((SchedulingClass)77)).Message);
        Assert.Equal("pid 0 is outside 1 to 4194304", Refusal(Selector.OfPids([0]), IntentEffect.OfSlice(1000)).Message);
    }

    [Fact]
    public void More_than_a_thousand_pids_are_refused() =>
        Assert.StartsWith(
            "pids has 1001 entries, at most 1000",
            Refusal(Selector.OfPids(Enumerable.Range(1, 1001)), IntentEffect.OfSlice(1000)).Message, StringComparison.Ordinal);

    [Fact]
    public void More_threads_than_one_change_may_cover_are_refused()
    {
        _rig.Machine.Start(100_000, "huge", [.. Enumerable.Repeat("worker", IntentLimits.MaxTasksPerIntent)]);
        var refusal = Refusal(Selector.OfCommand("^huge$"), IntentEffect.OfSlice(1000));
        Assert.Equal(RejectionCause.LimitExceeded, refusal.Cause);
        Assert.StartsWith("10001 threads are named, at most 10000", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Kernel.Writes);
    }

    [Fact]
    public void More_changes_than_allowed_are_refused_but_renewals_are_not()
    {
        for (var i = 0; i < IntentLimits.MaxActiveIntents; i++)
        {
            _rig.SetSlice(Selector.OfPids([10]), 1000 + i);
        }

        Assert.Equal(RejectionCause.LimitExceeded, Refusal(Selector.OfPids([11]), IntentEffect.OfSlice(1000)).Cause);
        Assert.True(_rig.SetSlice(Selector.OfPids([10]), 1000).AlreadyActive);
    }

    [Fact]
    public void Without_the_scheduler_the_reason_is_that_of_the_scheduler()
    {
        _rig.Kernel.Eject("The kernel ended the scheduler: runnable task stall");
        AssertRefused(RejectionCause.NotAttached, "The kernel ended the scheduler: runnable task stall", Selector.OfPids([10]));
    }

    [Fact]
    public void A_scheduler_that_ends_in_the_middle_leaves_no_change_behind()
    {
        _rig.Kernel.BeforeWrite = task =>
        {
            if (task.Tid == 11)
            {
                _rig.Kernel.Eject("gone in the middle");
            }
        };
        AssertRefused(RejectionCause.NotAttached, "gone in the middle", Selector.OfPids([10]));
        Assert.Equal(0, _rig.Intents.ActiveCount);
    }

    [Fact]
    public void A_write_that_fails_takes_everything_back()
    {
        var older = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.Low);
        _rig.Kernel.BeforeWrite = task =>
        {
            if (task.Tid == 11)
            {
                _rig.Kernel.BeforeWrite = null;
                throw new InvalidOperationException("map is full");
            }
        };
        Assert.Throws<InvalidOperationException>(() => _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High));
        Assert.Equal((SchedulingClass.Low, SchedulingClass.Low), (_rig.ClassOf(10), _rig.ClassOf(11)));
        Assert.Equal([older.Change.Id], _rig.Intents.Changes(includeEnded: true).Select(change => change.Id));
    }

    [Fact]
    public void A_renewal_that_fails_leaves_the_change_as_it_was()
    {
        var first = _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 100);
        _rig.Time.Advance(TimeSpan.FromSeconds(30));
        _rig.Kernel.BeforeWrite = _ =>
        {
            _rig.Kernel.BeforeWrite = null;
            throw new InvalidOperationException("map is full");
        };
        Assert.Throws<InvalidOperationException>(() => _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High, ttl: 100));
        Assert.Equal(first.Change.ExpiresAt, Assert.Single(_rig.Intents.Changes(includeEnded: true)).ExpiresAt);
    }

    private IntentRejectedException Refusal(Selector selector, IntentEffect effect, int ttl = 600) =>
        Assert.Throws<IntentRejectedException>(
            () => _rig.Intents.Apply(new IntentRequest { Selector = selector, Effect = effect, TtlSeconds = ttl }));

    private void AssertRefused(RejectionCause cause, string message, Selector selector)
    {
        var before = _rig.Kernel.Held.Count;
        var refusal = Refusal(selector, IntentEffect.OfClass(SchedulingClass.High));
        Assert.Equal((cause, message), (refusal.Cause, refusal.Message));
        Assert.Equal(before, _rig.Kernel.Held.Count);
    }
}
