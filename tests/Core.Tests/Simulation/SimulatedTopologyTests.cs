using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Simulation;

/// <summary>Last-level caches and CPU sets: who takes whose tasks.</summary>
public sealed class SimulatedTopologyTests
{
    private const long Ms = 1_000_000;
    private const long Second = 1000 * Ms;
    private static readonly SimulationOptions s_twoLlcs = new() { Cpus = 8, Llcs = 2 };

    [Fact]
    public void No_cpu_idles_while_tasks_wait_in_another_llc()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 8).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Advance(Second);
        Assert.All(tasks, t => Assert.True(t.UsedNs > 0.95 * Second, $"{t.UsedNs} ns"));
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void Tasks_of_a_crowded_llc_get_as_much_as_those_of_the_other(AskingMode mode)
    {
        using var machine = new SimulatedMachine(s_twoLlcs with { Mode = mode }, PolicyNames.Deadline);
        // Four that stay, and twenty that may go anywhere: all of them on the CPUs of the first LLC as long as those of the second are busy.
        for (int i = 0; i < 4; i++)
        {
            machine.Spawn(Behaviours.Spin(), cpus: [4, 5, 6, 7]);
        }
        SimulatedTask[] free = [.. Enumerable.Range(0, 20).Select(_ => machine.Spawn(Behaviours.Spin()))];
        machine.Advance(Second);
        ulong[] before = [.. free.Select(t => t.UsedNs)];
        machine.Advance(4 * Second);
        double fair = 4.0 * Second * 8 / 24;
        Assert.All(free.Zip(before, (t, b) => t.UsedNs - b), used => Assert.InRange(used, 0.75 * fair, 1.25 * fair));
    }

    [Fact]
    public void A_task_stays_in_its_llc_while_it_has_its_share_there()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        for (int i = 0; i < 16; i++)
        {
            machine.Spawn(Behaviours.Spin());
        }
        machine.Advance(Second);
        CpuState before = machine.Kernel.Totals;
        machine.Advance(4 * Second);
        CpuState after = machine.Kernel.Totals;
        // 16 tasks, 4 s, turns of 10 ms and less: 3,200 and more.
        Assert.InRange(after.NrLlcBalanced + after.NrLlcStolen - before.NrLlcBalanced - before.NrLlcStolen, 0UL, 100UL);
    }

    [Fact]
    public void Latency_critical_tasks_of_a_set_and_of_the_llc_take_turns_beside_lower_ones_of_the_set()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2, Llcs = 2 }, PolicyNames.Deadline);
        int set = machine.Kernel.DefineCpuSet([1], hard: true);
        SimulatedTask[] tasks =
        [
            machine.Spawn(Behaviours.RunAndSleep(6_381_561, 639_156), nice: -13),
            machine.Spawn(Behaviours.Spin()),
            machine.Spawn(Behaviours.Spin(), cpus: 1),
        ];
        machine.Kernel.Direct(tasks[0].Pid, In(set) with { Class = SchedulingClass.Low, ClassExpiresNs = ulong.MaxValue / 2 });
        machine.Kernel.Direct(tasks[1].Pid, In(set) with { Class = SchedulingClass.LatencyCritical, ClassExpiresNs = ulong.MaxValue / 2, BudgetNs = ulong.MaxValue / 2 });
        machine.Kernel.Direct(tasks[2].Pid, new Directive { Class = SchedulingClass.LatencyCritical, ClassExpiresNs = ulong.MaxValue / 2, BudgetNs = ulong.MaxValue / 2 });
        machine.Advance(4 * Second);
        Assert.True(machine.LongestWaitNs() < 200 * Ms, machine.DescribeLongestWait());
    }

    [Fact]
    public void An_idle_cpu_takes_a_latency_critical_task_whose_slice_is_over()
    {
        for (int busyMs = 20; busyMs < 100; busyMs += 5)
        {
            using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2, Llcs = 2 }, PolicyNames.Deadline);
            int set = machine.Kernel.DefineCpuSet([1], hard: true);
            machine.Spawn(Behaviours.RunAndExit(busyMs * Ms), cpus: 0);
            SimulatedTask bound = machine.Spawn(Behaviours.Spin());
            machine.Kernel.Direct(bound.Pid, In(set) with { Class = SchedulingClass.LatencyCritical, ClassExpiresNs = ulong.MaxValue / 2 });
            SimulatedTask free = machine.Spawn(Behaviours.Spin());
            machine.Kernel.Direct(free.Pid, new Directive { Class = SchedulingClass.LatencyCritical, ClassExpiresNs = ulong.MaxValue / 2 });
            machine.Advance(200 * Ms);
            (ulong ofBound, ulong ofFree) = (bound.UsedNs, free.UsedNs);
            machine.Advance(Second);
            Assert.Equal((Second, Second), ((long)(bound.UsedNs - ofBound), (long)(free.UsedNs - ofFree)));
        }
    }

    [Fact]
    public void Who_steals_looks_into_its_own_node_first()
    {
        // Four LLCs of one CPU, two in each node. The first three get a task that stays and one that may go to the last.
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 4, Llcs = 4, Nodes = 2, Mode = AskingMode.Kernel }, PolicyNames.Deadline);
        SimulatedTask keeper = machine.Spawn(new TenAndTen(), cpus: 3);
        machine.Kernel.Advance(25 * Ms);
        SimulatedTask[] waiting = [.. Enumerable.Range(0, 3).Select(cpu =>
        {
            machine.Spawn(Behaviours.Spin(), cpus: cpu);
            return machine.Spawn(Behaviours.Spin(), cpus: [cpu, 3]);
        })];
        machine.Kernel.Advance(4 * Ms);
        Assert.All(waiting, t => Assert.Equal(0, t.Runs));
        machine.Kernel.Advance(2 * Ms);
        Assert.Equal(SimulatedTaskState.Sleeping, keeper.State);
        Assert.Equal([0, 0, 1], waiting.Select(t => t.Runs));
        Assert.Equal(1UL, machine.Kernel.Totals.NrLlcStolen);
    }

    [Fact]
    public void A_woken_task_of_a_set_stays_near_the_cache_it_was_last_in()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        machine.Spawn(Behaviours.Spin(), cpus: 6);
        SimulatedTask task = machine.Spawn(Behaviours.RunAndSleep(Ms, Ms));
        machine.Kernel.Direct(task.Pid, In(machine.Kernel.DefineCpuSet([6], hard: true)));
        machine.Advance(100 * Ms);
        Assert.Equal(6, task.Cpu);
        machine.Kernel.Direct(task.Pid, In(machine.Kernel.DefineCpuSet([1, 5, 6], hard: true)));
        machine.Advance(100 * Ms);
        Assert.Equal(5, task.Cpu);
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void A_hard_set_is_kept_to_and_its_idle_cpus_are_woken(AskingMode mode)
    {
        using var machine = new SimulatedMachine(s_twoLlcs with { Mode = mode }, PolicyNames.Deadline);
        int set = machine.Kernel.DefineCpuSet([1, 5], hard: true);
        SimulatedTask[] inside = [.. Enumerable.Range(0, 2).Select(_ => machine.Spawn(Behaviours.RunAndSleep(4 * Ms, Ms)))];
        Array.ForEach(inside, t => machine.Kernel.Direct(t.Pid, In(set)));
        machine.Advance(100 * Ms);
        ulong[] before = [.. inside.Select(t => t.UsedNs)];
        machine.Advance(Second);
        // Each has a CPU to itself, and waits for nobody.
        Assert.All(inside, t => Assert.Contains(t.Cpu, new[] { 1, 5 }));
        Assert.All(inside.Zip(before, (t, b) => t.UsedNs - b), used => Assert.True(used > 0.7 * Second, $"{used} ns"));
    }

    [Fact]
    public void A_running_task_leaves_the_cpus_that_its_new_hard_set_excludes()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        SimulatedTask task = machine.Spawn(Behaviours.Spin(), cpus: [0, 1, 2, 3, 4, 5, 6, 7]);
        machine.Advance(50 * Ms);
        int other = (task.Cpu + 4) % 8;
        machine.Kernel.Direct(task.Pid, In(machine.Kernel.DefineCpuSet([other], hard: true)));
        machine.Advance(50 * Ms);
        Assert.Equal(other, task.Cpu);
        Assert.Equal(SimulatedTaskState.Running, task.State);
    }

    [Fact]
    public void From_a_soft_set_others_take_when_they_have_nothing_else_to_do()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        int set = machine.Kernel.DefineCpuSet([0], hard: false);
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(Behaviours.Spin()))];
        Array.ForEach(tasks, t => machine.Kernel.Direct(t.Pid, In(set)));
        machine.Advance(Second);
        Assert.All(tasks, t => Assert.True(t.UsedNs > 0.9 * Second, $"{t.UsedNs} ns"));
    }

    [Fact]
    public void A_set_without_a_cpu_for_the_task_does_not_count()
    {
        using var machine = new SimulatedMachine(s_twoLlcs, PolicyNames.Deadline);
        SimulatedTask task = machine.Spawn(Behaviours.RunAndSleep(Ms, Ms), cpus: [2, 3]);
        machine.Kernel.Direct(task.Pid, In(machine.Kernel.DefineCpuSet([0, 1], hard: true)));
        machine.Advance(Second);
        Assert.InRange(task.UsedNs, 0.45 * Second, 0.55 * Second);
    }

    [Fact]
    public void Verdicts_for_cpus_outside_of_a_hard_set_are_refused_and_the_task_runs_all_the_same() =>
        Gen.Int[0, 7].Array[4, 20].Sample(cpus =>
        {
            using var machine = new SimulatedMachine(s_twoLlcs with { Mode = AskingMode.Strict }, new PlacesOn(cpus));
            int set = machine.Kernel.DefineCpuSet([0, 1], hard: true);
            SimulatedTask task = machine.Spawn(Behaviours.RunAndSleep(Ms, Ms));
            machine.Kernel.Direct(task.Pid, In(set));
            machine.Advance(Second);
            Assert.Equal(cpus.Any(c => c > 1), machine.Kernel.Totals.NrRefusedCpu > 0);
            Assert.True(task.UsedNs > 20 * Ms, $"{task.UsedNs} ns");
            Assert.Equal("", machine.Loop.Failure);
        }, iter: 20, threads: 1);

    [Theory]
    [InlineData(3, 1, 4)]
    [InlineData(4, 5, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(4, 2, 0)]
    public void A_topology_that_cannot_be_is_refused(int cpus, int llcs, int nodes) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new SimulatedKernel(new SimulationOptions { Cpus = cpus, Llcs = llcs, Nodes = nodes }));

    [Fact]
    public void A_set_that_cannot_be_is_refused()
    {
        using var kernel = new SimulatedKernel(s_twoLlcs);
        Assert.Throws<ArgumentException>(() => kernel.DefineCpuSet([], hard: true));
        Assert.Throws<ArgumentException>(() => kernel.DefineCpuSet([8], hard: true));
    }

    private static Directive In(int set) => new() { CpuSet = (uint)set, CpusExpiresNs = ulong.MaxValue / 2 };

    /// <summary>Runs for 10 ms and sleeps for 10 ms, exactly.</summary>
    private sealed class TenAndTen : ITaskBehaviour
    {
        private bool _runs;

        public TaskStep NextStep(SimulatedTask task, Random random) => (_runs = !_runs) ? TaskStep.Run(10 * Ms) : TaskStep.Sleep(10 * Ms);
    }

    /// <summary>First come, first served, on one CPU after another.</summary>
    private sealed class PlacesOn(int[] cpus) : IPolicy
    {
        private readonly Queue<int> _tickets = new();
        private int _next;

        public int Count => _tickets.Count;

        public bool Enqueue(int ticket, in Notice notice, in DispatchContext context)
        {
            _tickets.Enqueue(ticket);
            return true;
        }

        public bool TryDequeue(in DispatchContext context, out int ticket) => _tickets.TryDequeue(out ticket);

        public int SelectCpu(in Notice notice, in DispatchContext context) => cpus[_next++ % cpus.Length];
    }
}
