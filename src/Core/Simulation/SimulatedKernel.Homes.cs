using System.Numerics;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// Last-level caches and CPU sets, and which of their queues a task waits in. Mirrors bpf/placement.bpf.h.
public sealed unsafe partial class SimulatedKernel
{
    private readonly SimulatedHome[] _llcs;
    private readonly SimulatedHome?[] _sets = new SimulatedHome?[ICpuSetStore.Max];

    /// <summary>Makes a CPU set that directives may name.</summary>
    /// <param name="cpus">Its CPUs, at least one.</param>
    /// <param name="hard">Only these, instead of: preferably these.</param>
    /// <returns>Its number, from 1 on.</returns>
    /// <exception cref="ArgumentException">No CPU, or one that does not exist.</exception>
    /// <exception cref="InvalidOperationException">There are <see cref="ICpuSetStore.Max"/> already.</exception>
    public int DefineCpuSet(IReadOnlyCollection<int> cpus, bool hard)
    {
        if (cpus.Count == 0 || cpus.Any(c => c < 0 || c >= _options.Cpus))
        {
            throw new ArgumentException($"A CPU set needs at least one CPU, each from 0 to {_options.Cpus - 1}.", nameof(cpus));
        }
        int place = Array.IndexOf(_sets, null);
        if (place < 0)
        {
            throw new InvalidOperationException($"There are {ICpuSetStore.Max} CPU sets already.");
        }
        var home = new SimulatedHome(hard ? HomeKind.Hard : HomeKind.Soft, $"set {place + 1}", node: 0, cpus, _options.Cpus, NowNs);
        _sets[place] = home;
        foreach (int cpu in cpus.Distinct())
        {
            _cpus[cpu].Sets.Add(home);
        }
        return place + 1;
    }

    /// <summary>Gives a CPU set up, whose number may be given out again. Who waits in it waits from now on as without it.</summary>
    /// <param name="number">From <see cref="DefineCpuSet"/>.</param>
    /// <exception cref="ArgumentException">There is no such set.</exception>
    public void ReleaseCpuSet(int number)
    {
        if (number < 1 || number > _sets.Length || _sets[number - 1] is not { } home)
        {
            throw new ArgumentException($"There is no CPU set {number}.", nameof(number));
        }
        _sets[number - 1] = null;
        foreach (SimulatedCpu cpu in _cpus)
        {
            cpu.Sets.Remove(home);
        }
        foreach (QueueKind kind in Enum.GetValues<QueueKind>())
        {
            while (home[kind].First is { } task)
            {
                home[kind].Remove(task);
                Enqueue(task, task.Cpu, isWakeUp: false, cpuSelected: true);
            }
        }
    }

    private IEnumerable<SimulatedHome> Sets => _sets.OfType<SimulatedHome>();

    private IEnumerable<SimulatedHome> Homes => _llcs.Concat(Sets);

    private static SimulatedHome[] MakeLlcs(SimulationOptions options)
    {
        // Of equal size, as far as that is possible.
        int LlcOf(int cpu) => (int)((long)cpu * options.Llcs / options.Cpus);
        return [.. Enumerable.Range(0, options.Llcs).Select(llc => new SimulatedHome(HomeKind.Llc, $"LLC {llc}", llc * options.Nodes / options.Llcs,
            Enumerable.Range(0, options.Cpus).Where(cpu => LlcOf(cpu) == llc), options.Cpus, StartNs))];
    }

    /// <summary>The CPU set that holds for a task; null: none. One without a CPU for the task is none.</summary>
    private SimulatedHome? SetOf(SimulatedTask task)
    {
        if (task.Directive is not { CpuSet: > 0 } d || !Before(NowNs, d.CpusExpiresNs) || task.IsPinned || task.Spec.IsKernelThread ||
            d.CpuSet > (ulong)_sets.Length || _sets[(int)d.CpuSet - 1] is not { } set)
        {
            return null;
        }
        return task.Spec.Cpus is not { } allowed || allowed.Any(set.Has) ? set : null;
    }

    private void ChooseHome(SimulatedTask task, int cpu) => task.Home = SetOf(task) ?? _cpus[cpu].Llc;

    /// <summary>Has a hard set been given to the task while it ran on a CPU outside?</summary>
    private bool IsExcluded(SimulatedTask task, int cpu) => SetOf(task) is { IsHard: true } set && !set.Has(cpu);

    /// <summary>An idle CPU for a waking task; -1: none, and in a hard set the task is then somewhere in it.</summary>
    private int ChooseIdle(SimulatedTask task)
    {
        if (SetOf(task) is not { } set)
        {
            return PickIdle(task);
        }
        int idle = IdleInHome(task, set);
        if (idle < 0 && !set.IsHard)
        {
            idle = PickIdle(task);
        }
        else if (idle < 0)
        {
            task.Cpu = AnyInHome(task, set);
        }
        return idle;
    }

    /// <summary>The task's own CPU if that is idle, else one of its LLC, else any that it may run on; -1 when there is none.</summary>
    private int PickIdle(SimulatedTask task)
    {
        int near = IdleInHome(task, _cpus[task.Cpu].Llc);
        return near >= 0 ? near : FirstIdle(task, null, null);
    }

    /// <summary>The task's own CPU if that is idle, else one of its LLC, else any of the home; -1 when there is none.</summary>
    private int IdleInHome(SimulatedTask task, SimulatedHome home)
    {
        if (IsIdle(task.Cpu) && task.MayRunOn(task.Cpu) && home.Has(task.Cpu))
        {
            return task.Cpu;
        }
        SimulatedHome llc = _cpus[task.Cpu].Llc;
        int near = FirstIdle(task, home, llc);
        return near >= 0 || home == llc ? near : FirstIdle(task, home, null);
    }

    /// <summary>An idle CPU that the task may run on and that is in both homes, where they are given; -1 when there is none.</summary>
    private int FirstIdle(SimulatedTask task, SimulatedHome? home, SimulatedHome? llc)
    {
        for (int word = 0; word < _idle.Length; word++)
        {
            ulong idle = _idle[word];
            idle &= home is null ? ulong.MaxValue : home.Cpus[word];
            idle &= llc is null ? ulong.MaxValue : llc.Cpus[word];
            int cpu = FirstAllowed(task, word, idle);
            if (cpu >= 0)
            {
                return cpu;
            }
        }
        return -1;
    }

    private static int FirstAllowed(SimulatedTask task, int word, ulong bits)
    {
        for (; bits != 0; bits &= bits - 1)
        {
            int cpu = word * 64 + BitOperations.TrailingZeroCount(bits);
            if (task.MayRunOn(cpu))
            {
                return cpu;
            }
        }
        return -1;
    }

    /// <summary>Any CPU of the set, so that the task is somewhere from where its own CPUs are woken.</summary>
    private int AnyInHome(SimulatedTask task, SimulatedHome home)
    {
        if (home.Has(task.Cpu) && task.MayRunOn(task.Cpu))
        {
            return task.Cpu;
        }
        for (int cpu = 0; cpu < _options.Cpus; cpu++)
        {
            if (home.Has(cpu) && task.MayRunOn(cpu))
            {
                return cpu;
            }
        }
        return task.Cpu;
    }

    /// <summary>A CPU that may be idle looks into the queues.</summary>
    private bool KickIdle(SimulatedTask task)
    {
        SimulatedHome home = task.Home!;
        int idle = FindIdle(task, home);
        if (idle < 0)
        {
            if (!home.IsHard && _states[task.Cpu].RunningClass != 0)
            {
                return false;
            }
            idle = home.IsHard ? AnyInHome(task, home) : task.Cpu;
        }
        Kick(idle);
        return true;
    }

    /// <summary>An idle CPU that takes from the home; -1: none.</summary>
    private int FindIdle(SimulatedTask task, SimulatedHome home)
    {
        int idle = home.IsSet ? IdleInHome(task, home) : -1;
        return idle >= 0 || home.IsHard ? idle : PickIdle(task);
    }
}
