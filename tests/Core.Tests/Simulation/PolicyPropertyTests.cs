using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using Coxswain.Core.Tests.Dispatch;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Simulation;

/// <summary>What holds for every policy on every machine with every mix of tasks.</summary>
public sealed class PolicyPropertyTests
{
    private const long Ms = 1_000_000;
    private const long Second = 1000 * Ms;

    /// <summary>
    /// The kernel side's own bound of 1 s, which it looks after every 100 ms; then a slice of each that is aged too, or
    /// twice that where latency_critical takes its half.
    /// </summary>
    private static ulong WaitBoundNs(int tasks) => (ulong)(1100 * Ms + 2L * tasks * 20 * Ms);

    public static TheoryData<string> Policies => [.. PolicyNames.All];

    [Theory]
    [MemberData(nameof(Policies))]
    public void No_task_is_lost_and_none_is_twice(string policy) =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 1_000_000], Gen.Int[0, 2], Gen.Long[0, 20], SimulatedMachine.Mixes(24), SimulatedMachine.CpuSets(8)).Sample(
            (cpus, seed, mode, leaseMs, mixes, sets) =>
            {
                using var machine = new SimulatedMachine(Options(cpus, seed, mode) with { LeaseNs = leaseMs * Ms }, policy);
                machine.Define(sets);
                foreach (SimulatedMachine.Mix mix in mixes)
                {
                    machine.Spawn(mix);
                    machine.Kernel.Advance(seed % 7 * Ms);
                }
                machine.Advance(500 * Ms);
                machine.Kernel.PauseUserSpace(seed % 3 * 200 * Ms);
                machine.Kernel.Mode = (AskingMode)((mode + 1) % 3);
                machine.Advance(500 * Ms);
                Assert.Equal("", machine.Loop.Failure);
            }, iter: 40, threads: 1);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Nobody_waits_for_more_than_the_bound_whatever_the_classes_and_weights_of_the_others(string policy) =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 1_000_000], Gen.Int[0, 2], SimulatedMachine.Mixes(12), SimulatedMachine.CpuSets(4)).Sample(
            (cpus, seed, mode, mixes, sets) =>
            {
                using var machine = new SimulatedMachine(Options(cpus, seed, mode), policy);
                machine.Define(sets);
                foreach (SimulatedMachine.Mix mix in mixes)
                {
                    // Without forks: those make more and more tasks when there is no time for them.
                    machine.Spawn(mix with { Kind = mix.Kind % 3 });
                }
                machine.Advance(2 * Second, checks: 2);
                machine.Kernel.PauseUserSpace(seed % 3 * 500 * Ms);
                machine.Advance(2 * Second, checks: 2);
                Assert.True(machine.LongestWaitNs() < WaitBoundNs(mixes.Length), machine.DescribeLongestWait());
            }, iter: 40, threads: 1);

    [Theory]
    [MemberData(nameof(Policies))]
    public void The_same_seed_gives_the_same_run_and_another_one_another(string policy) =>
        Gen.Select(Gen.Int[1, 16], Gen.Int, SimulatedMachine.Mixes(20)).Sample((cpus, seed, mixes) =>
            Assert.Equal(Trace(cpus, seed, mixes, policy), Trace(cpus, seed, mixes, policy)), iter: 10, threads: 1);

    [Theory]
    [MemberData(nameof(Policies))]
    public void Waiting_tasks_are_started_in_the_order_of_the_policy(string policy) =>
        Gen.Select(Gen.Int[-5, 5], Gen.Long[1, 19], Gen.Long[1, 400]).Array[2, 30].Sample(waiting =>
        {
            // They run for different times, and then all come while the only CPU is busy.
            using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1, Mode = AskingMode.Strict }, policy);
            long lastMs = 40L * waiting.Length + 500;
            List<SimulatedTask> tasks = [];
            long at = 0;
            foreach ((int nice, long usedMs, long gapUs) in waiting)
            {
                at += gapUs;
                tasks.Add(machine.Spawn(new ComesLater(usedMs * Ms, lastMs * Ms + at * 1000, machine.Kernel), nice));
            }
            SimulatedTask busy = machine.Spawn(new ComesLater(1, (lastMs - 5) * Ms, machine.Kernel, thenMs: 40));
            machine.Kernel.Direct(busy.Pid, new Directive { SliceNs = 100_000_000, SliceExpiresNs = ulong.MaxValue / 2 });
            machine.Kernel.Advance((lastMs - 1) * Ms);
            Assert.All(tasks, t => Assert.Equal(SimulatedTaskState.Sleeping, t.State));
            machine.Started.Clear();
            machine.Kernel.Advance(2 * Ms + at * 1000);
            Assert.Empty(machine.Started);
            List<int> expected = [.. Ordered(policy, tasks).Select(t => t.Pid)];
            machine.Kernel.Advance(100 * Ms);
            Assert.Equal(expected, machine.Started.Where(expected.Contains).Distinct());
            machine.Check();
        }, iter: 40, threads: 1);

    [Theory]
    [InlineData(Fault.Throws)]
    [InlineData(Fault.Miscounts)]
    [InlineData(Fault.Loses)]
    [InlineData(Fault.Repeats)]
    [InlineData(Fault.RepeatsForEver)]
    [InlineData(Fault.MakesUp)]
    [InlineData(Fault.CpuTooLarge)]
    [InlineData(Fault.SliceZero)]
    public void Whatever_a_policy_does_wrong_the_tasks_go_on_and_the_error_is_reported(Fault fault)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2, Seed = 5 }, new FaultyPolicy(fault));
        SimulatedTask[] tasks = [.. Enumerable.Range(0, 20).Select(i => machine.Spawn(Behaviours.RunAndSleep(3 * Ms, i * Ms)))];
        machine.Advance(3 * Second);
        Assert.NotEqual("", machine.Loop.Failure);
        Assert.Equal(AskingMode.Kernel, machine.Kernel.Mode);
        long[] runs = [.. tasks.Select(t => t.Runs)];
        machine.Advance(Second);
        Assert.All(tasks.Zip(runs), t => Assert.True(t.First.Runs > t.Second + 5, $"task {t.First.Pid} ran {t.First.Runs - t.Second} times"));
        Assert.True(machine.LongestWaitNs() < 300 * Ms, machine.DescribeLongestWait());
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Verdicts_that_are_nonsense_change_nothing_but_their_counters(string policy) =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong, Gen.Int, Gen.Int).Array[1, 200].Sample(verdicts =>
        {
            using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 2 }, policy);
            for (int i = 0; i < 8; i++)
            {
                machine.Spawn(Behaviours.Spin());
            }
            foreach ((ulong generation, ulong start, ulong slice, ulong vtime, int pid, int cpu) in verdicts)
            {
                machine.Kernel.Apply(new Verdict { Generation = generation, StartTimeNs = start, SliceNs = slice, Vtime = vtime, Pid = pid, Cpu = cpu });
                machine.Kernel.Advance(100_000);
            }
            machine.Check();
            Assert.All(machine.Kernel.Tasks, t => Assert.True(t.WaitMaxNs < 300 * Ms));
        }, iter: 10, threads: 1);

    [Theory]
    [InlineData(PolicyNames.Deadline, 256, 1, 20_000)]
    [InlineData(PolicyNames.Deadline, 256, 16, 20_000)]
    [InlineData(PolicyNames.Vtime, 64, 4, 5_000)]
    [InlineData(PolicyNames.Fifo, 256, 32, 20_000)]
    public void On_large_machines_nobody_is_forgotten(string policy, int cpus, int llcs, int tasks)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = cpus, Llcs = llcs, Nodes = Math.Min(llcs, 2), Seed = 1 }, policy);
        SimulatedTask[] all = new SimulatedTask[tasks];
        for (int i = 0; i < tasks; i++)
        {
            all[i] = machine.Spawn(i % 4 == 0 ? Behaviours.Spin() : Behaviours.RunAndSleep(200_000 + i % 100 * 10_000, (i % 50 + 1) * Ms), i % 10 - 5);
        }
        machine.Advance(300 * Ms, checks: 1);
        Assert.True(machine.Kernel.Totals.NrMoved > (ulong)tasks / 2, $"{machine.Kernel.Totals.NrMoved} verdicts");
        machine.Advance(700 * Ms, checks: 1);
        Assert.All(all, t => Assert.True(t.Runs > 0, $"task {t.Pid} never ran"));
        Assert.True(machine.LongestWaitNs() < 1100 * Ms, machine.DescribeLongestWait());
        Assert.Equal("", machine.Loop.Failure);
    }

    /// <summary>With one to four last-level caches in one or two nodes.</summary>
    private static SimulationOptions Options(int cpus, int seed, int mode)
    {
        int llcs = 1 + seed % Math.Min(cpus, 4);
        return new SimulationOptions { Cpus = cpus, Llcs = llcs, Nodes = 1 + seed / 4 % Math.Min(llcs, 2), Seed = seed, Mode = (AskingMode)mode };
    }

    private static ulong Trace(int cpus, int seed, SimulatedMachine.Mix[] mixes, string policy)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = cpus, Seed = seed }, policy);
        foreach (SimulatedMachine.Mix mix in mixes)
        {
            machine.Spawn(mix);
        }
        machine.Advance(300 * Ms, checks: 2);
        return machine.Trace;
    }

    /// <summary>As the documents say it of each policy.</summary>
    private static IEnumerable<SimulatedTask> Ordered(string policy, List<SimulatedTask> tasks) => policy switch
    {
        PolicyNames.Fifo => tasks.OrderBy(t => t.ParkedNs),
        // All of them have just woken, so that both orders are that of used time by weight; about a millisecond is no difference.
        _ => tasks.OrderBy(t => t.Vtime >> 20).ThenBy(t => t.ParkedNs),
    };

    /// <summary>Uses CPU time, sleeps until a given time, and runs for a time.</summary>
    private sealed class ComesLater(long usedNs, long atNs, SimulatedKernel kernel, int thenMs = 1) : ITaskBehaviour
    {
        private readonly ulong _at = kernel.NowNs + (ulong)atNs;
        private int _step;

        public TaskStep NextStep(SimulatedTask task, Random random) => _step++ switch
        {
            0 => TaskStep.Run(usedNs),
            1 => TaskStep.Sleep((long)(_at - kernel.NowNs)),
            2 => TaskStep.Run(thenMs * Ms),
            _ => TaskStep.Sleep(1000 * Second),
        };
    }
}
