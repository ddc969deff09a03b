using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Simulation;

/// <summary>A simulated kernel with a policy, watched: whatever happens on it, no rule may be broken.</summary>
internal sealed class SimulatedMachine : ISimulationWatcher, IDisposable
{
    private readonly List<int> _sets = [];

    public SimulatedMachine(SimulationOptions options, IPolicy policy)
        : this(options, kernel => SimulatedLoop.Start(kernel, policy))
    {
    }

    public SimulatedMachine(SimulationOptions options, string policy)
        : this(options, kernel => SimulatedLoop.Start(kernel, policy))
    {
    }

    private SimulatedMachine(SimulationOptions options, Func<SimulatedKernel, SimulatedLoop> start)
    {
        Kernel = new SimulatedKernel(options);
        Loop = start(Kernel);
        Kernel.Watcher = this;
    }

    public SimulatedKernel Kernel { get; }

    public SimulatedLoop Loop { get; }

    /// <summary>Longest wait that has ended.</summary>
    public ulong WaitMaxNs { get; private set; }

    /// <summary>Whose wait that was.</summary>
    public SimulatedTask? WaitedMost { get; private set; }

    /// <summary>Pids in the order in which they were put on CPUs.</summary>
    public List<int> Started { get; } = [];

    /// <summary>Of which task ran when and where.</summary>
    public ulong Trace { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>What any mix of tasks is made of: runs, sleeps, forks, spins, of all nice values and classes.</summary>
    public static Gen<Mix[]> Mixes(int most) => Gen.Select(Gen.Int[0, 3], Gen.Int[-20, 19], Gen.Int[0, 5], Gen.Long[50_000, 30_000_000], Gen.Int[0, 5])
        .Select(x => new Mix(x.Item1, x.Item2, (SchedulingClass)x.Item3, x.Item4, x.Item5)).Array[1, most];

    public SimulatedTask Spawn(ITaskBehaviour behaviour, int nice = 0, params int[] cpus) =>
        Kernel.Spawn(new TaskSpec { Behaviour = behaviour, Nice = nice, Cpus = cpus.Length > 0 ? cpus : null });

    /// <summary>CPU sets as a machine may have them: some overlap, hard and soft.</summary>
    public static Gen<Sets[]> CpuSets(int cpus) => Gen.Select(Gen.Int[0, cpus - 1], Gen.Int[1, cpus], Gen.Bool)
        .Select(x => new Sets(x.Item1, x.Item2, x.Item3)).Array[0, 4];

    /// <summary>Makes the sets, of which each task of a mix is then in one or none.</summary>
    public void Define(Sets[] sets)
    {
        foreach (Sets set in sets)
        {
            int last = Math.Min(set.First + set.Count, Kernel.Options.Cpus);
            if (set.First < last)
            {
                _sets.Add(Kernel.DefineCpuSet([.. Enumerable.Range(set.First, last - set.First)], set.IsHard));
            }
        }
    }

    public SimulatedTask Spawn(Mix mix)
    {
        ITaskBehaviour behaviour = mix.Kind switch
        {
            0 => Behaviours.Spin(),
            1 => Behaviours.RunAndSleep(mix.LengthNs / 10 + 1000, mix.LengthNs),
            2 => Behaviours.RunAndSleep(mix.LengthNs, mix.LengthNs / 10 + 1000),
            _ => Behaviours.ForkAndSleep(mix.LengthNs / 5, mix.LengthNs),
        };
        int cpus = Kernel.Options.Cpus;
        SimulatedTask task = Spawn(behaviour, mix.Nice, mix.Pin == 1 ? [mix.Nice + 20 < cpus ? mix.Nice + 20 : 0] : mix.Pin == 2 && cpus > 1 ? [0, cpus - 1] : []);
        int cpuSet = (int)(mix.LengthNs % (_sets.Count + 1)) is > 0 and var set ? _sets[set - 1] : 0;
        if (mix.Class != SchedulingClass.Unset || cpuSet != 0)
        {
            Kernel.Direct(task.Pid, new Directive
            {
                Class = mix.Class,
                ClassExpiresNs = ulong.MaxValue / 2,
                CpuSet = (uint)cpuSet,
                CpusExpiresNs = ulong.MaxValue / 2,
            });
        }
        return task;
    }

    /// <summary>Lets time pass in steps, and checks after each that nothing is lost and nothing twice.</summary>
    public void Advance(long ns, int checks = 20)
    {
        for (int i = 0; i < checks; i++)
        {
            Kernel.Advance(ns / checks);
            Check();
        }
    }

    public void Check()
    {
        Kernel.CheckPlaces();
        CpuState totals = Kernel.Totals;
        Assert.Equal(totals.NrParked, totals.NrMoved + totals.NrTaken + totals.NrGone + (ulong)Kernel.Tasks.Count(t => t.Parked != 0));
        Assert.Equal(totals.NrVerdicts, totals.NrMoved + totals.NrRefusedCpu + totals.NrRefusedGone + totals.NrRefusedLeft
            + totals.NrRefusedSlice + totals.NrRefusedStale);
    }

    /// <summary>The longest wait of those who still wait, and of those who have waited.</summary>
    public ulong LongestWaitNs() => Kernel.Tasks.Where(t => t.RunnableNs is not null)
        .Select(t => Kernel.NowNs - t.RunnableNs!.Value).Append(WaitMaxNs).Max();

    public string DescribeLongestWait() => $"{LongestWaitNs()} ns; of those that have ended {WaitMaxNs} ns, by {Describe(WaitedMost)}; of those that wait still by "
        + Describe(Kernel.Tasks.Where(t => t.RunnableNs is not null).MinBy(t => t.RunnableNs));

    private static string Describe(SimulatedTask? task) => task is null ? "nobody"
        : $"{task.Spec.Comm} {task.Pid} of nice {task.Spec.Nice}, class {task.Directive?.Class}, CPUs {string.Join(',', task.Spec.Cpus ?? [])}, set {task.Directive?.CpuSet}";

    void ISimulationWatcher.Running(int cpu, SimulatedTask task, ulong waitedNs)
    {
        if (waitedNs > WaitMaxNs)
        {
            (WaitMaxNs, WaitedMost) = (waitedNs, task);
        }
        Started.Add(task.Pid);
        // Each of its CPUs may take from a hard set, and no other may.
        Assert.True(task.Home is not { IsHard: true } set || set.Has(cpu), $"CPU {cpu} has taken task {task.Pid} of a hard set");
        Trace = (Trace * 1_099_511_628_211) ^ (ulong)task.Pid ^ (Kernel.NowNs << 20) ^ ((ulong)cpu << 50);
    }

    void ISimulationWatcher.Woken(SimulatedTask task, SimulatedTask? waker)
    {
    }

    void ISimulationWatcher.Stopped(int cpu, SimulatedTask task, bool isRunnable)
    {
    }

    void ISimulationWatcher.Ended(SimulatedTask task)
    {
    }

    public void Dispose()
    {
        Loop.Dispose();
        Kernel.Dispose();
    }

    internal readonly record struct Sets(int First, int Count, bool IsHard);

    internal readonly record struct Mix(int Kind, int Nice, SchedulingClass Class, long LengthNs, int Pin);
}
