using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

/// <summary>What the operator's limits and rules refuse, and in which words.</summary>
public sealed class OperatorRuleTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public OperatorRuleTests()
    {
        _rig.Machine.Start(10, "upf", "rx");
        _rig.Machine.Start(20, "smf");
        _rig.Machine.Start(30, "sshd");
        _rig.Machine.StartKernelThread(40, "ksoftirqd/0");
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_budget_is_of_one_CPU_and_read_back()
    {
        var seen = _rig.Intents.Apply(Request(10, IntentEffect.OfClass(SchedulingClass.LatencyCritical, budgetPercent: 20))).Applied[0].Seen;
        Assert.Equal((SchedulingClass.LatencyCritical, 20), (seen.Class, seen.BudgetPercent));
        Assert.Equal(20_000_000ul, _rig.Kernel.Of(11)!.Value.BudgetNs);
    }

    [Theory]
    [InlineData(101, SchedulingClass.High, "budget_pct=101 is outside 1 to 100")]
    [InlineData(-1, SchedulingClass.High, "budget_pct=-1 is outside 1 to 100")]
    [InlineData(20, SchedulingClass.Low, "budget_pct bounds what high and latency_critical may use: give one of these classes with it")]
    public void A_budget_that_means_nothing_is_refused(int percent, SchedulingClass schedulingClass, string message) =>
        AssertRefused(RejectionCause.Invalid, message, Request(10, IntentEffect.OfClass(schedulingClass, percent)));

    [Fact]
    public void Hard_sets_leave_a_CPU_to_those_without()
    {
        _rig.Intents.Apply(Request(10, Cpus("0-1")));
        AssertRefused(
            RejectionCause.LimitExceeded,
            "cpus=\"2-3\": hard CPU sets would take CPUs 0-3 of 0-3, and at least 1 must be left without (limit min_unpinned_cpus, set by the " +
            "operator); name fewer, or pass hard=false",
            Request(20, Cpus("2-3")));
        _rig.Intents.Apply(Request(20, IntentEffect.OfCpus(CpuChoice.TryParse("2-3", isHard: false)!)));
        _rig.Intents.Apply(Request(20, Cpus("1-2")));
    }

    [Fact]
    public void The_operator_may_let_hard_sets_take_all_CPUs()
    {
        _rig.Limit(OperatorLimits.Default with { MinUnpinnedCpus = 0 });
        Assert.Equal("0-3", _rig.Intents.Apply(Request(10, Cpus("0-3"))).Applied[0].Seen.Cpus);
    }

    [Fact]
    public void When_the_upper_classes_use_nearly_all_CPU_time_no_more_are_taken()
    {
        _rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High);
        _rig.Kernel.Classes["high"] = new ClassUse(11_700_000_000, 0, 0); // of 12 s on 4 CPUs
        _rig.Time.Advance(TimeSpan.FromSeconds(3));
        AssertRefused(
            RejectionCause.LimitExceeded,
            "high and latency_critical tasks used 98 % of the CPU time of the last 10 s, and above 90 % no more are taken (limit max_upper_cpu_pct, " +
            "set by the operator); revert a change of these classes, or give it a budget_pct, or put others to low or background",
            Request(20, IntentEffect.OfClass(SchedulingClass.LatencyCritical)));
        Assert.True(_rig.Prioritize(Selector.OfPids([10]), SchedulingClass.High).AlreadyActive);
        _rig.Prioritize(Selector.OfPids([20]), SchedulingClass.Low);
    }

    [Fact]
    public void Protected_tasks_are_raised_by_rule_only()
    {
        AssertRefused(RejectionCause.Protected, "pid 30 (sshd) is protected: remote access", Request(30, IntentEffect.OfClass(SchedulingClass.High)));
        _rig.Limit(OperatorLimits.Default, "sshd", "ksoftirqd/*");
        Assert.Equal(SchedulingClass.LatencyCritical, _rig.Prioritize(Selector.OfPids([30]), SchedulingClass.LatencyCritical).Applied[0].Seen.Class);
        Assert.Equal(SchedulingClass.High, _rig.Prioritize(Selector.OfCommand("^ksoftirqd"), SchedulingClass.High).Applied[0].Seen.Class);
    }

    [Theory]
    [InlineData(30, SchedulingClass.Low, "pid 30 (sshd) is protected: remote access, which the operator's rule lets be raised to high or latency_critical only")]
    [InlineData(30, SchedulingClass.Background, "pid 30 (sshd) is protected: remote access, which the operator's rule lets be raised to high or latency_critical only")]
    [InlineData(40, SchedulingClass.Low, "pid 40 (ksoftirqd/0) is protected: kernel thread, which the operator's rule lets be raised to high only")]
    [InlineData(40, SchedulingClass.LatencyCritical, "pid 40 (ksoftirqd/0) is protected: kernel thread, which the operator's rule lets be raised to high only")]
    public void No_rule_lets_protected_tasks_be_demoted(int pid, SchedulingClass schedulingClass, string message)
    {
        _rig.Limit(OperatorLimits.Default, "sshd", "ksoftirqd/*", "systemd", "coxswain");
        AssertRefused(RejectionCause.Protected, message, Request(pid, IntentEffect.OfClass(schedulingClass)));
    }

    [Fact]
    public void No_rule_lets_protected_tasks_be_pinned_or_sliced()
    {
        _rig.Limit(OperatorLimits.Default, "sshd");
        const string Message = "pid 30 (sshd) is protected: remote access, which the operator's rule lets be raised to high or latency_critical only";
        AssertRefused(RejectionCause.Protected, Message, Request(30, Cpus("1")));
        AssertRefused(RejectionCause.Protected, Message, Request(30, IntentEffect.OfSlice(1000)));
    }

    [Fact]
    public void No_rule_reaches_process_1_and_this_program()
    {
        _rig.Limit(OperatorLimits.Default, "systemd", "coxswain");
        AssertRefused(RejectionCause.Protected, "pid 1 (systemd) is protected: process 1 (init)", Request(1, IntentEffect.OfClass(SchedulingClass.High)));
        AssertRefused(RejectionCause.Protected, "pid 99 (coxswain) is protected: coxswain itself", Request(99, IntentEffect.OfClass(SchedulingClass.High)));
    }

    [Fact]
    public void A_raised_protected_task_is_not_demoted_by_another_change_that_covers_it()
    {
        _rig.Limit(OperatorLimits.Default, "sshd");
        _rig.Prioritize(Selector.OfPids([30]), SchedulingClass.High);
        _rig.Prioritize(Selector.OfCommand("."), SchedulingClass.Low);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((SchedulingClass.High, SchedulingClass.Low), (_rig.ClassOf(30), _rig.ClassOf(20)));
        _rig.Intents.RevertAll();
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void Programs_and_command_lines_are_matched_on_request_only()
    {
        _rig.Machine.Change(20, task => task with { Executable = "/opt/5gc/bin/smf", CommandLine = "/opt/5gc/bin/smf -c /etc/smf.yaml --token hunter2" });
        Assert.Equal(20, Assert.Single(_rig.SetSlice(Selector.OfCommand("exe:^/opt/5gc/"), 1000).Applied).Task.Key.Tid);
        Assert.Equal(20, Assert.Single(_rig.SetSlice(Selector.OfCommand("cmdline:smf\\.yaml"), 1000).Applied).Task.Key.Tid);
        AssertRefused(RejectionCause.NoSuchTask, "command \"/opt/5gc\" matches no thread and no process", Request(Selector.OfCommand("/opt/5gc"), IntentEffect.OfSlice(1000)));
        AssertRefused(RejectionCause.NoSuchTask, "command \"exe:^/usr\" matches no process", Request(Selector.OfCommand("exe:^/usr"), IntentEffect.OfSlice(1000)));
        AssertRefused(RejectionCause.Invalid, "command has no regex behind \"exe:\", e.g. \"exe:/nginx\"", Request(Selector.OfCommand("exe:"), IntentEffect.OfSlice(1000)));
    }

    [Fact]
    public void A_program_that_another_one_replaces_leaves_the_change()
    {
        _rig.Machine.Change(20, task => task with { Executable = "/bin/wrapper" });
        _rig.SetSlice(Selector.OfCommand("exe:wrapper"), 1000);
        _rig.Machine.Change(20, task => task with { Executable = "/bin/server" });
        _rig.Time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(0, _rig.SliceOf(20));
    }

    [Fact]
    public void Bound_to_its_pods_a_change_ends_with_the_last_of_them()
    {
        _rig.StartInPod(100, "web", "shop", "web-0", ("app", "web"));
        var change = _rig.Intents.Apply(new IntentRequest
        {
            Selector = new Selector { Labels = "app=web" },
            Effect = IntentEffect.OfClass(SchedulingClass.Low),
            UntilPodsEnd = true,
        }).Change;
        _rig.StartInPod(200, "web", "shop", "web-1", ("app", "web"));
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((SchedulingClass.Low, SchedulingClass.Unset), (_rig.ClassOf(100), _rig.ClassOf(200)));

        _rig.Pods.Problem = "the container runtime hangs";
        _rig.Pods.End("shop", "web-0");
        _rig.Machine.End(100);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _rig.Intents.ActiveCount);

        _rig.Pods.Problem = "";
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(EndCause.PodsEnded, Assert.Single(_rig.EndedChanges, ended => ended.Id == change.Id).EndCause);
        Assert.Empty(_rig.Kernel.Held);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void Only_what_names_pods_can_end_with_them() =>
        AssertRefused(
            RejectionCause.Invalid, "until_pods_end needs pods: give namespace, label_selector or pods",
            Request(10, IntentEffect.OfSlice(1000)) with { UntilPodsEnd = true });

    [Fact]
    public void A_set_is_given_up_when_the_processes_that_had_it_have_ended()
    {
        _rig.Intents.Apply(Request(20, Cpus("1")));
        _rig.Machine.End(20);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    private static IntentEffect Cpus(string cpus) => IntentEffect.OfCpus(CpuChoice.TryParse(cpus, isHard: true)!);

    private static IntentRequest Request(int pid, IntentEffect effect) => Request(Selector.OfPids([pid]), effect);

    private static IntentRequest Request(Selector selector, IntentEffect effect) => new() { Selector = selector, Effect = effect, Author = "agent" };

    private void AssertRefused(RejectionCause cause, string message, IntentRequest request)
    {
        var before = _rig.Kernel.Held.Count;
        var refusal = Assert.Throws<IntentRejectedException>(() => _rig.Intents.Apply(request));
        Assert.Equal((cause, message), (refusal.Cause, refusal.Message));
        Assert.Equal(before, _rig.Kernel.Held.Count);
    }
}
