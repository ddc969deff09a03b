using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using Xunit;

namespace Coxswain.Core.Tests.Simulation;

/// <summary>That the simulated kernel keeps the rules of the real one.</summary>
public sealed class SimulatedKernelTests
{
    private const long Ms = 1_000_000;
    private const long Second = 1000 * Ms;

    [Fact]
    public void Equal_tasks_get_equal_time_and_no_cpu_idles_beside_them()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 4 }, PolicyNames.Deadline);
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 12).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Advance(4 * Second);
        double fair = 4.0 * Second * 4 / 12;
        Assert.All(tasks, t => Assert.InRange(t.UsedNs, 0.9 * fair, 1.1 * fair));
        Assert.InRange(tasks.Sum(t => (double)t.UsedNs), 0.98 * 16 * Second, 16.0 * Second);
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void As_many_tasks_as_cpus_have_one_each_in_every_mode(AskingMode mode)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 4, Mode = mode }, PolicyNames.Deadline);
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Advance(Second);
        Assert.All(tasks, t => Assert.True(t.UsedNs > 0.95 * Second, $"{t.UsedNs} ns"));
    }

    [Fact]
    public void Weights_of_nice_values_are_shares()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2 }, PolicyNames.Deadline);
        SimulatedTask[] nice0 = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(Behaviours.Spin()))];
        SimulatedTask[] nice5 = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(Behaviours.Spin(), nice: 5))];
        machine.Advance(5 * Second);
        double ratio = nice0.Sum(t => (double)t.UsedNs) / nice5.Sum(t => (double)t.UsedNs);
        Assert.InRange(ratio, 3.06 * 0.85, 3.06 * 1.15);
    }

    [Fact]
    public void A_latency_critical_task_preempts_at_once_and_leaves_the_others_their_half()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask hog = machine.Spawn(Behaviours.Spin());
        SimulatedTask service = machine.Spawn(Behaviours.RunAndSleep(200_000, 5 * Ms));
        machine.Kernel.Direct(service.Pid, Lasting(SchedulingClass.LatencyCritical));
        machine.Advance(100 * Ms);
        ulong before = service.WaitMaxNs;
        machine.Advance(Second);
        Assert.True(service.Runs > 150, $"{service.Runs} runs");
        Assert.True(service.WaitMaxNs == before || service.WaitMaxNs < 100_000, $"waited {service.WaitMaxNs} ns");
        Assert.True(hog.UsedNs > 0.9 * Second);
        SimulatedTask greedy = machine.Spawn(Behaviours.Spin());
        machine.Kernel.Direct(greedy.Pid, Lasting(SchedulingClass.LatencyCritical));
        ulong used = hog.UsedNs;
        machine.Advance(2 * Second);
        Assert.True(hog.UsedNs - used > 0.4 * 2 * Second, $"{hog.UsedNs - used} ns of 2 s left");
    }

    [Fact]
    public void An_upper_class_task_over_its_budget_counts_as_normal_until_the_window_ends()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask greedy = machine.Spawn(Behaviours.Spin());
        SimulatedTask[] hogs = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Kernel.Direct(greedy.Pid, Lasting(SchedulingClass.LatencyCritical) with { BudgetNs = 5_000_000 });
        machine.Advance(2 * Second);
        Assert.InRange(machine.Kernel.Totals.NrOverBudget, 10UL, 21UL);
        Assert.InRange(greedy.UsedNs, 0.15 * 2 * Second, 0.35 * 2 * Second);
        Assert.All(hogs, h => Assert.True(h.UsedNs > 0.15 * 2 * Second, $"{h.UsedNs} ns"));
    }

    [Fact]
    public void Who_was_latency_critical_owes_the_others_nothing_when_it_is_normal_again()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask urgent = machine.Spawn(Behaviours.Spin());
        foreach (int _ in Enumerable.Range(0, 3))
        {
            machine.Spawn(Behaviours.Spin());
        }
        machine.Kernel.Direct(urgent.Pid, Lasting(SchedulingClass.LatencyCritical));
        machine.Advance(5 * Second);
        machine.Kernel.Direct(urgent.Pid, null);
        ulong used = urgent.UsedNs;
        machine.Advance(2 * Second);
        Assert.InRange(urgent.UsedNs - used, 0.2 * 2 * Second, 0.3 * 2 * Second);
    }

    [Fact]
    public void A_budget_of_less_than_a_slice_comes_back_with_each_window()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask greedy = machine.Spawn(Behaviours.Spin());
        machine.Spawn(Behaviours.Spin());
        machine.Kernel.Direct(greedy.Pid, Lasting(SchedulingClass.High) with { BudgetNs = 1_000_000 });
        machine.Advance(2 * Second);
        // Once in each window of 100 ms, and not for what it ran as a normal one.
        Assert.InRange(machine.Kernel.Totals.NrOverBudget, 12UL, 21UL);
    }

    [Fact]
    public void A_task_that_has_the_cpu_to_itself_falls_too_though_it_is_never_queued()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask greedy = machine.Spawn(Behaviours.Spin());
        machine.Kernel.Direct(greedy.Pid, Lasting(SchedulingClass.LatencyCritical) with { BudgetNs = 1_000_000 });
        machine.Advance(Second);
        // One slice of 20 ms in each window: in the rest it may be preempted as any other.
        var totals = machine.Kernel.Totals;
        Assert.InRange(totals.ClassRunNs[(int)SchedulingClass.LatencyCritical], 100UL * Ms, 250UL * Ms);
    }

    [Fact]
    public void A_directive_ends_by_itself()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask low = machine.Spawn(Behaviours.Spin());
        machine.Spawn(Behaviours.Spin());
        machine.Kernel.Direct(low.Pid, new Directive { Class = SchedulingClass.Background, ClassExpiresNs = machine.Kernel.NowNs + (ulong)Second });
        machine.Advance(Second);
        Assert.True(low.UsedNs < 0.3 * Second, $"{low.UsedNs}");
        ulong used = low.UsedNs;
        machine.Advance(2 * Second);
        Assert.True(low.UsedNs - used > 0.8 * Second, $"{low.UsedNs - used}");
        Assert.False(machine.Kernel.Direct(1, null));
    }

    [Fact]
    public void A_slice_that_is_directed_is_kept_to()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Vtime);
        SimulatedTask task = machine.Spawn(Behaviours.Spin());
        machine.Spawn(Behaviours.Spin());
        machine.Kernel.Direct(task.Pid, new Directive { SliceNs = 200_000, SliceExpiresNs = ulong.MaxValue / 2 });
        machine.Advance(Second);
        Assert.Equal(200_000UL, task.GrantedNs);
    }

    [Theory]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Strict)]
    public void A_long_slice_for_many_lets_each_of_them_have_its_turn_within_a_second_or_two(AskingMode mode)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2, Mode = mode }, PolicyNames.Deadline);
        var asked = new Directive { SliceNs = 100_000_000, SliceExpiresNs = ulong.MaxValue / 2 };
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 500).Select(_ => machine.Spawn(Behaviours.Spin()))];
        Array.ForEach(tasks, t => machine.Kernel.Direct(t.Pid, asked));
        machine.Advance(8 * Second);
        // With 100 ms each a round would take 25 s.
        Assert.All(tasks, t => Assert.True(t.UsedNs > 0 && t.WaitMaxNs < 2.5 * Second, $"used {t.UsedNs} ns, waited {t.WaitMaxNs} ns"));
    }

    [Fact]
    public void A_chain_of_services_passes_the_request_on()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2 }, PolicyNames.Deadline);
        int last = 0;
        SimulatedTask end = machine.Spawn(Behaviours.Relay(50_000, () => last));
        SimulatedTask middle = machine.Spawn(Behaviours.Relay(50_000, () => end.Pid));
        last = 0;
        machine.Spawn(new RequestEvery(10 * Ms, middle));
        machine.Advance(Second);
        Assert.InRange(end.UsedNs, 90 * 50_000UL, 101 * 50_000UL);
        Assert.Equal(middle.UsedNs, end.UsedNs);
    }

    [Fact]
    public void Without_user_space_the_kernel_side_goes_on_alone_and_comes_back()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2 }, PolicyNames.Fifo);
        for (int i = 0; i < 12; i++)
        {
            machine.Spawn(Behaviours.RunAndSleep(3 * Ms, 2 * Ms));
        }
        machine.Advance(200 * Ms);
        Assert.False(machine.Kernel.IsAutonomous);
        machine.Kernel.PauseUserSpace(12 * Second);
        machine.Advance(Second);
        Assert.True(machine.Kernel.IsAutonomous);
        ulong parked = machine.Kernel.Totals.NrParked;
        machine.Advance(10 * Second);
        Assert.Equal(parked, machine.Kernel.Totals.NrParked);
        machine.Advance(2 * Second);
        Assert.False(machine.Kernel.IsAutonomous);
        Assert.True(machine.Kernel.Totals.NrParked > parked);
        Assert.Equal(1, machine.Kernel.AutonomousCount);
        Assert.True(machine.LongestWaitNs() < 200 * Ms, $"waited {machine.LongestWaitNs()} ns");
    }

    [Fact]
    public void In_mode_kernel_nobody_is_asked_and_in_strict_everybody()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 4, Mode = AskingMode.Kernel }, PolicyNames.Fifo);
        machine.Spawn(Behaviours.RunAndSleep(Ms, Ms));
        machine.Spawn(Behaviours.RunAndSleep(Ms, Ms));
        machine.Advance(100 * Ms);
        Assert.Equal(0UL, machine.Kernel.Totals.NrParked);
        machine.Kernel.Mode = AskingMode.Strict;
        machine.Advance(100 * Ms);
        CpuState strict = machine.Kernel.Totals;
        Assert.InRange(strict.NrMoved, 80UL, 120UL);
        Assert.Equal(strict.NrParked, strict.NrMoved);
    }

    [Fact]
    public void Notices_that_find_no_room_leave_their_tasks_to_the_kernels_order()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1, NoticeCapacity = 4 }, PolicyNames.Fifo);
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 50).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Advance(2 * Second);
        Assert.True(machine.Kernel.Totals.NrRingFull > 10);
        Assert.All(tasks, t => Assert.True(t.UsedNs > 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void A_machine_that_cannot_be_is_refused(int cpus) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedKernel(new SimulationOptions { Cpus = cpus }));

    [Fact]
    public void A_task_that_cannot_be_is_refused()
    {
        using var kernel = new SimulatedKernel(new SimulationOptions { Cpus = 2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Spawn(new TaskSpec { Behaviour = Behaviours.Spin(), Nice = 20 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Spawn(new TaskSpec { Behaviour = Behaviours.Spin(), Cpus = [] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => kernel.Spawn(new TaskSpec { Behaviour = Behaviours.Spin(), Cpus = [2] }));
        Assert.Empty(kernel.Tasks);
    }

    [Fact]
    public void A_behaviour_that_takes_no_time_is_an_error_and_no_endless_loop()
    {
        using var kernel = new SimulatedKernel(new SimulationOptions { Cpus = 1 });
        kernel.Spawn(new TaskSpec { Behaviour = new Timeless() });
        Assert.Throws<InvalidOperationException>(() => kernel.Advance(Second));
    }

    private static Directive Lasting(SchedulingClass schedulingClass) => new() { Class = schedulingClass, ClassExpiresNs = ulong.MaxValue / 2 };

    private sealed class Timeless : ITaskBehaviour
    {
        public TaskStep NextStep(SimulatedTask task, Random random) => TaskStep.Wake(0);
    }

    private sealed class RequestEvery(long ns, SimulatedTask service) : ITaskBehaviour
    {
        private int _step;

        public TaskStep NextStep(SimulatedTask task, Random random) => (_step++ % 3) switch
        {
            0 => TaskStep.Sleep(ns),
            1 => TaskStep.Wake(service.Pid),
            _ => TaskStep.Run(1000),
        };
    }
}
