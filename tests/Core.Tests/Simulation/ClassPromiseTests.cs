using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using Xunit;

namespace Coxswain.Core.Tests.Simulation;

/// <summary>What each class is promised beside the others, at four times the load that the CPUs can carry and more.</summary>
public sealed class ClassPromiseTests
{
    private const long Ms = 1_000_000;
    private const long Second = 1000 * Ms;
    private const int Cpus = 4;
    private const int TasksPerCpu = 4;

    private static readonly SchedulingClass[] s_classes =
    [
        SchedulingClass.Background, SchedulingClass.Low, SchedulingClass.Normal, SchedulingClass.High, SchedulingClass.LatencyCritical,
    ];

    public static TheoryData<AskingMode, int> ModesAndLlcs => new(
        from mode in Enum.GetValues<AskingMode>() from llcs in (int[])[1, 2] select (mode, llcs));

    [Theory]
    [MemberData(nameof(ModesAndLlcs))]
    public void In_every_mix_of_classes_each_task_gets_CPU_within_the_bound_of_its_class(AskingMode mode, int llcs)
    {
        for (int mix = 1; mix < 1 << s_classes.Length; mix++)
        {
            SchedulingClass[] classes = [.. s_classes.Where((_, place) => (mix >> place & 1) != 0)];
            using var machine = new SimulatedMachine(new SimulationOptions { Cpus = Cpus, Llcs = llcs, Mode = mode }, PolicyNames.Deadline);
            SimulatedTask[] tasks = [.. Enumerable.Range(0, Cpus * TasksPerCpu).Select(i => Spin(machine, classes[i % classes.Length]))];

            machine.Advance(20 * Second);

            Assert.All(tasks, t => Assert.True(LongestWaitNs(machine, t) <= BoundNs(t.Directive!.Value.Class, llcs),
                $"{t.Directive!.Value.Class} among {string.Join(", ", classes)} waited {LongestWaitNs(machine, t)} ns"));
            Assert.All(tasks, t => Assert.True(t.UsedNs > 0));
        }
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(1, 64)]
    [InlineData(8, 4)]
    [InlineData(100, 16)]
    [InlineData(190, 16)]
    public void Background_tasks_wait_at_most_a_second_beside_endless_normal_work(int background, int normal)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = Cpus }, PolicyNames.Deadline);
        SimulatedTask[] tasks = Spin(machine, SchedulingClass.Background, background);
        SimulatedTask[] others = Spin(machine, SchedulingClass.Normal, normal);

        machine.Advance(20 * Second);

        Assert.True(tasks.Max(t => LongestWaitNs(machine, t)) <= Second, machine.DescribeLongestWait());
        // Turns of a millisecond, at most every 4 ms and CPU: what others leave is all that it is for.
        Assert.True(UsedNs(tasks) < UsedNs(others) / 3, $"{UsedNs(tasks)} ns beside {UsedNs(others)} ns");
    }

    [Fact]
    public void A_background_task_that_is_far_ahead_of_the_others_waits_no_longer_than_they_do()
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1 }, PolicyNames.Deadline);
        SimulatedTask ahead = machine.Spawn(Behaviours.Spin());
        machine.Spawn(Behaviours.Spin());
        machine.Advance(5 * Second);
        machine.Kernel.Direct(ahead.Pid, Lasting(SchedulingClass.Background));
        Spin(machine, SchedulingClass.Background, 7);
        Spin(machine, SchedulingClass.Normal, 4);

        machine.Advance(20 * Second);

        Assert.True(machine.LongestWaitNs() <= Second, machine.DescribeLongestWait());
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void High_is_served_earlier_than_normal_and_gets_no_more(AskingMode mode)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = 1, Mode = mode }, PolicyNames.Deadline);
        ulong at = machine.Kernel.NowNs + Second;
        SimulatedTask[] normal = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(new SleepsUntil(machine.Kernel, at)))];
        SimulatedTask[] high = [.. Enumerable.Range(0, 4).Select(_ => machine.Spawn(new SleepsUntil(machine.Kernel, at)))];
        Array.ForEach(high, t => machine.Kernel.Direct(t.Pid, Lasting(SchedulingClass.High)));
        machine.Spawn(new SleepsUntil(machine.Kernel, at - (ulong)Ms)); // has the CPU when they come
        machine.Advance(900 * Ms);
        machine.Started.Clear();

        machine.Advance(20 * Second);

        int[] order = [.. machine.Started.Where(pid => high.Concat(normal).Any(t => t.Pid == pid)).Distinct()];
        Assert.Equal(high.Select(t => t.Pid), order[..high.Length].Order());
        Assert.InRange(UsedNs(high) / UsedNs(normal), 0.95, 1.05);
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void Low_gets_a_quarter_of_what_normal_gets(AskingMode mode)
    {
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = Cpus, Mode = mode }, PolicyNames.Deadline);
        SimulatedTask[] low = Spin(machine, SchedulingClass.Low, 8);
        SimulatedTask[] normal = Spin(machine, SchedulingClass.Normal, 8);

        machine.Advance(20 * Second);

        Assert.InRange(UsedNs(low) / UsedNs(normal), 0.25 * 0.95, 0.25 * 1.05);
    }

    [Theory]
    [InlineData(AskingMode.Assist)]
    [InlineData(AskingMode.Kernel)]
    [InlineData(AskingMode.Strict)]
    public void Five_nice_levels_share_by_their_weights(AskingMode mode)
    {
        // sched_prio_to_weight.
        (int Nice, double Weight)[] levels = [(-10, 9548), (-5, 3121), (0, 1024), (5, 335), (10, 110)];
        using var machine = new SimulatedMachine(new SimulationOptions { Cpus = Cpus, Mode = mode }, PolicyNames.Deadline);
        // Enough of each that none of them could use more than a CPU of its own.
        SimulatedTask[][] tasks = [.. levels.Select(level => Enumerable.Range(0, 2 * Cpus).Select(_ => machine.Spawn(Behaviours.Spin(), level.Nice)).ToArray())];

        machine.Advance(20 * Second);

        Assert.All(levels.Zip(tasks), t => Assert.InRange(UsedNs(t.Second) / UsedNs(tasks[2]), t.First.Weight / 1024 * 0.85, t.First.Weight / 1024 * 1.15));
    }

    /// <summary>
    /// The upper three go round in turns of 20 ms and less. For low, and where LLCs exchange tasks only when one is behind, it is what is
    /// promised whatever the order: 1 s, which the kernel side looks after every 100 ms, and a slice.
    /// </summary>
    private static ulong BoundNs(SchedulingClass schedulingClass, int llcs) => (ulong)(schedulingClass switch
    {
        SchedulingClass.Background => Second,
        SchedulingClass.Low => 1120 * Ms,
        _ when llcs > 1 => 1120 * Ms,
        _ => 200 * Ms,
    });

    private static SimulatedTask[] Spin(SimulatedMachine machine, SchedulingClass schedulingClass, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Spin(machine, schedulingClass))];

    private static SimulatedTask Spin(SimulatedMachine machine, SchedulingClass schedulingClass)
    {
        // Asleep at once, so that it has its class from the first time on that it wants a CPU.
        SimulatedTask task = machine.Spawn(new SleepsUntil(machine.Kernel, machine.Kernel.NowNs + (ulong)Ms));
        machine.Kernel.Direct(task.Pid, Lasting(schedulingClass));
        return task;
    }

    private static double UsedNs(SimulatedTask[] tasks) => tasks.Sum(t => (double)t.UsedNs);

    private static ulong LongestWaitNs(SimulatedMachine machine, SimulatedTask task) =>
        Math.Max(task.WaitMaxNs, task.RunnableNs is { } since ? machine.Kernel.NowNs - since : 0);

    private static Directive Lasting(SchedulingClass schedulingClass) => new() { Class = schedulingClass, ClassExpiresNs = ulong.MaxValue / 2 };

    /// <summary>Sleeps, and then uses all the CPU it is given.</summary>
    private sealed class SleepsUntil(SimulatedKernel kernel, ulong atNs) : ITaskBehaviour
    {
        private bool _slept;

        public TaskStep NextStep(SimulatedTask task, Random random)
        {
            bool sleeps = !_slept && kernel.NowNs < atNs;
            _slept = true;
            return sleeps ? TaskStep.Sleep((long)(atNs - kernel.NowNs)) : TaskStep.Run(long.MaxValue / 4);
        }
    }
}
