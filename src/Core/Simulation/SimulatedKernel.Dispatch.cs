using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// A CPU needs a task. Mirrors dispatch of bpf/scheduler.bpf.c, and bpf/dispatch.bpf.h.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong UpperLeadNs = 20 * Millisecond;
    private const ulong BackgroundBoundNs = 800 * Millisecond;
    private const ulong BackgroundRarelyNs = 100 * Millisecond;
    private const ulong BackgroundOftenNs = 4 * Millisecond;
    private const uint OtherLlcShare = 4;
    private const ulong OtherLlcLagNs = 20 * Millisecond;

    /// <summary>
    /// The task to run next; null when there is none, or when <paramref name="previous"/>, which is there only when it can
    /// still run, goes on.
    /// </summary>
    private SimulatedTask? Dispatch(SimulatedCpu cpu, SimulatedTask? previous, out bool goesOn)
    {
        CpuState* state = _states + cpu.Id;
        Look look = LookAround(cpu, state->DispatchSequence++);
        goesOn = false;
        if (state->UpperRunNs <= UpperLeadNs && TakeKind(look, QueueKind.Latency) is { } urgent)
        {
            return urgent;
        }
        if (previous is not null && IsExcluded(previous, cpu.Id))
        {
            previous = null; // it is queued again, where it may run
        }
        if (TakeDue(look) is { } due)
        {
            return due;
        }
        if (previous is not null && state->PreemptedPid != previous.Pid && IsStillFirst(look, previous))
        {
            goesOn = true;
            return null;
        }
        if ((TakeLower(look) ?? TakeKind(look, QueueKind.Latency) ?? Steal(cpu) ?? TakeFromOthers(look)) is { } task)
        {
            return task;
        }
        state->UpperRunNs = 0;
        if (previous is not null)
        {
            // Time that nobody else wanted is not charged.
            state->NrKept++;
            GoOn(cpu, previous, SchedulingClass.Normal, isWanted: false);
            goesOn = true;
        }
        return null;
    }

    private Look LookAround(SimulatedCpu cpu, uint sequence)
    {
        SimulatedHome? other = null;
        if (_llcs.Length > 1 && sequence % OtherLlcShare == 0)
        {
            int llc = Array.IndexOf(_llcs, cpu.Llc);
            other = _llcs[(int)((llc + 1 + sequence / OtherLlcShare % (_llcs.Length - 1)) % _llcs.Length)];
        }
        return new Look(cpu, UserAnswers(), other);
    }

    /// <summary>From the LLC's queue of a kind and those of the sets, in turns, so that neither starves the other.</summary>
    private static SimulatedTask? TakeKind(in Look look, QueueKind kind)
    {
        SimulatedCpu cpu = look.Cpu;
        if (cpu.SetsNext[(int)kind] && TakeFromSets(cpu, kind) is { } first)
        {
            cpu.SetsNext[(int)kind] = false;
            return first;
        }
        if (cpu.Llc[kind].Take(cpu.Id) is { } task)
        {
            cpu.SetsNext[(int)kind] = true;
            return task;
        }
        return TakeFromSets(cpu, kind);
    }

    /// <summary>In turns: in one that always has somebody waiting the others would starve.</summary>
    private static SimulatedTask? TakeFromSets(SimulatedCpu cpu, QueueKind kind)
    {
        ref int next = ref cpu.NextSet[(int)kind];
        for (int i = 0; i < cpu.Sets.Count; i++)
        {
            int place = (next + i) % cpu.Sets.Count;
            if (cpu.Sets[place][kind].Take(cpu.Id) is { } task)
            {
                next = place + 1;
                return task;
            }
        }
        return null;
    }

    /// <summary>Whose turn it is whatever the order by vtime says: also before the task that the CPU has.</summary>
    private SimulatedTask? TakeDue(in Look look) => TakeKind(look, QueueKind.Aged) ?? TakeDueBackground(look.Cpu);

    /// <summary>Everything else below latency_critical, in order.</summary>
    private SimulatedTask? TakeLower(in Look look)
    {
        if (TakeByVtime(look) is { } next)
        {
            return next;
        }
        // About to idle: nobody waits for a verdict while a CPU has nothing to do, unless that is wanted.
        if ((!look.Asks || Mode != AskingMode.Strict) && TakeKind(look, QueueKind.Park) is { } parked)
        {
            return parked;
        }
        return TakeBackground(look.Cpu.Llc, look.Cpu.Id) ?? TakeFromSets(look.Cpu, QueueKind.Background);
    }

    /// <summary>The smallest key of all queues goes first. A PARK counts only when it is due.</summary>
    private SimulatedTask? TakeByVtime(in Look look)
    {
        SimulatedCpu cpu = look.Cpu;
        DispatchQueue? best = BestByVtime(look, allParked: false);
        if (best?.Take(cpu.Id) is { } task)
        {
            if (best == look.OtherLlc?.Run)
            {
                _states[cpu.Id].NrLlcBalanced++;
            }
            return task;
        }
        // The first of a queue may not be allowed on this CPU: another may.
        return cpu.Queue.Take(cpu.Id) ?? TakeKind(look, QueueKind.Run) ?? (ParkIsDue(cpu.Llc, look.Asks) ? cpu.Llc.Park.Take(cpu.Id) : null);
    }

    /// <summary>The queue with the smallest key; null when all are empty.</summary>
    private DispatchQueue? BestByVtime(in Look look, bool allParked)
    {
        DispatchQueue? best = null;
        ulong key = 0;
        Consider(look.Cpu.Queue, 0);
        Consider(look.Cpu.Llc.Run, 0);
        if (allParked || ParkIsDue(look.Cpu.Llc, look.Asks))
        {
            Consider(look.Cpu.Llc.Park, 0);
        }
        foreach (SimulatedHome set in look.Cpu.Sets)
        {
            Consider(set.Run, 0);
            if (allParked || ParkIsDue(set, look.Asks))
            {
                Consider(set.Park, 0);
            }
        }
        if (look.OtherLlc is { } other)
        {
            Consider(other.Run, OtherLlcLagNs);
        }
        return best;

        void Consider(DispatchQueue queue, ulong handicapNs)
        {
            if (queue.First is { } first && (best is null || Before(first.QueueKey + handicapNs, key)))
            {
                best = queue;
                key = first.QueueKey + handicapNs;
            }
        }
    }

    private bool ParkIsDue(SimulatedHome home, bool asks) =>
        home.Park.First is { } first && (!asks || Before(first.ParkedNs + EffectiveLeaseNs, NowNs));

    private ulong EffectiveLeaseNs => (ulong)(Mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : LeaseNs);

    private SimulatedTask? TakeDueBackground(SimulatedCpu cpu)
    {
        if (TakeDueBackground(cpu.Llc, cpu.Id) is { } task)
        {
            return task;
        }
        foreach (SimulatedHome set in cpu.Sets)
        {
            if (TakeDueBackground(set, cpu.Id) is { } due)
            {
                return due;
            }
        }
        return null;
    }

    /// <summary>The next turn is due as if this one had come in time; no more of them than of one slice are made up for.</summary>
    private SimulatedTask? TakeDueBackground(SimulatedHome home, int cpu)
    {
        if (home.Background.Count == 0)
        {
            return null;
        }
        ulong due = home.BackgroundServedNs + Math.Clamp(BackgroundBoundNs / (ulong)home.Background.Count, BackgroundOftenNs, BackgroundRarelyNs);
        if (!Before(due, NowNs) || home.Background.Take(cpu) is not { } task)
        {
            return null;
        }
        ulong earliest = NowNs - (ulong)_options.SliceNs;
        home.BackgroundServedNs = Before(due, earliest) ? earliest : due;
        return task;
    }

    private SimulatedTask? TakeBackground(SimulatedHome home, int cpu)
    {
        SimulatedTask? task = home.Background.Take(cpu);
        if (task is not null)
        {
            home.BackgroundServedNs = NowNs;
        }
        return task;
    }

    private SimulatedTask? Steal(SimulatedCpu self)
    {
        foreach (SimulatedCpu cpu in _cpus)
        {
            if (cpu != self && cpu.Queue.Count > 0 && cpu.Queue.Take(self.Id) is { } task)
            {
                _states[self.Id].NrStolen++;
                return task;
            }
        }
        return null;
    }

    /// <summary>Nothing else to do: other LLCs, those of the same NUMA node first, then soft CPU sets.</summary>
    private SimulatedTask? TakeFromOthers(in Look look)
    {
        bool isParkedToo = !look.Asks || Mode != AskingMode.Strict;
        int own = Array.IndexOf(_llcs, look.Cpu.Llc);
        for (int i = 1; i < 2 * _llcs.Length; i++)
        {
            SimulatedHome llc = _llcs[(own + i) % _llcs.Length];
            if (llc != look.Cpu.Llc && (llc.Node == look.Cpu.Llc.Node) == (i < _llcs.Length) && TakeFromHome(llc, look.Cpu.Id, isParkedToo) is { } task)
            {
                _states[look.Cpu.Id].NrLlcStolen++;
                return task;
            }
        }
        foreach (SimulatedHome set in Sets)
        {
            if (!set.IsHard && TakeFromHome(set, look.Cpu.Id, isParkedToo) is { } task)
            {
                return task;
            }
        }
        return null;
    }

    private static SimulatedTask? TakeFromHome(SimulatedHome home, int cpu, bool isParkedToo) => home.Latency.Take(cpu) ?? home.Aged.Take(cpu)
        ?? home.Run.Take(cpu) ?? (isParkedToo ? home.Park.Take(cpu) : null) ?? home.Background.Take(cpu);

    /// <summary>The task whose slice is over goes on if it is the first by its key even so.</summary>
    private bool IsStillFirst(in Look look, SimulatedTask task)
    {
        SchedulingClass schedulingClass = ClassOf(task);
        uint running = _states[look.Cpu.Id].RunningClass;
        // One that has another class now is queued as what it is.
        if (!IsFair(schedulingClass) || (running != (uint)schedulingClass && running != RunningSystem))
        {
            return false;
        }
        ulong ran = NowNs - task.StartedNs;
        ulong key = QueueKey(task, schedulingClass) + ran * Notice.NormalWeight / WeightOf(task, schedulingClass);
        DispatchQueue? best = BestByVtime(look, allParked: true);
        ulong handicapNs = best is not null && best == look.OtherLlc?.Run ? OtherLlcLagNs : 0;
        if (best is not null && !Before(key, best.First!.QueueKey + handicapNs))
        {
            return false;
        }
        _states[look.Cpu.Id].NrContinued++;
        GoOn(look.Cpu, task, schedulingClass, isWanted: true);
        return true;
    }

    private void GoOn(SimulatedCpu cpu, SimulatedTask task, SchedulingClass schedulingClass, bool isWanted)
    {
        Account(cpu, task, NowNs - task.StartedNs, isWanted);
        task.StartedNs = NowNs;
        CpuState* state = _states + cpu.Id;
        // Its budget may have ended, or have come back.
        if (state->RunningClass != RunningSystem)
        {
            state->RunningClass = (uint)ClassOf(task);
        }
        task.GrantedNs = SliceOf(task, schedulingClass);
        cpu.SliceEndNs = NowNs + task.GrantedNs;
    }

    /// <summary>One dispatch of a CPU.</summary>
    /// <param name="Cpu">Which.</param>
    /// <param name="Asks">Does user space answer?</param>
    /// <param name="OtherLlc">Whose tasks may be further behind than ours; null: not looked at this time.</param>
    private readonly record struct Look(SimulatedCpu Cpu, bool Asks, SimulatedHome? OtherLlc);
}
