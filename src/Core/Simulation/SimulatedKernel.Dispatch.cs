using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// A CPU needs a task. Mirrors dispatch of bpf/scheduler.bpf.c and bpf/queues.bpf.h.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong UpperLeadNs = 20 * Millisecond;
    private const ulong BackgroundBoundNs = 800 * Millisecond;
    private const ulong BackgroundRarelyNs = 100 * Millisecond;
    private const ulong BackgroundOftenNs = 4 * Millisecond;
    private const ulong WaitBoundNs = 1000 * Millisecond;
    private const ulong TimerPeriodNs = 100 * Millisecond;
    private const ulong TimerPeriodStrictNs = 5 * Millisecond;
    private const int AgeScanMax = 64;

    private readonly DispatchQueue _run = new("RUN");
    private readonly DispatchQueue _park = new("PARK");
    private readonly DispatchQueue _background = new("BACKGROUND");
    private readonly DispatchQueue _latency = new("LATENCY");
    private readonly DispatchQueue _aged = new("AGED");
    private ulong _backgroundServedNs = StartNs;

    /// <summary>
    /// The task to run next; null when there is none, or when <paramref name="previous"/>, which is there only when it can
    /// still run, goes on.
    /// </summary>
    private SimulatedTask? Dispatch(SimulatedCpu cpu, SimulatedTask? previous)
    {
        CpuState* state = _states + cpu.Id;
        state->DispatchSequence++;
        if (state->UpperRunNs <= UpperLeadNs && _latency.Take(cpu.Id) is { } urgent)
        {
            return urgent;
        }
        if (previous is not null && _aged.Count == 0 && state->PreemptedPid != previous.Pid && IsStillFirst(cpu, previous))
        {
            return null;
        }
        if ((TakeLower(cpu) ?? _latency.Take(cpu.Id) ?? Steal(cpu)) is { } task)
        {
            return task;
        }
        state->UpperRunNs = 0;
        if (previous is not null)
        {
            // Time that nobody else wanted is not charged.
            state->NrKept++;
            GoOn(cpu, previous, SchedulingClass.Normal, isWanted: false);
        }
        return null;
    }

    private SimulatedTask? TakeLower(SimulatedCpu cpu)
    {
        bool asks = UserAnswers();
        if (_aged.Take(cpu.Id) is { } aged)
        {
            return aged;
        }
        if (BackgroundIsDue() && TakeBackground(cpu) is { } due)
        {
            return due;
        }
        if (TakeByVtime(cpu, ParkIsDue(asks)) is { } next)
        {
            return next;
        }
        // About to idle: nobody waits for a verdict while a CPU has nothing to do, unless that is wanted.
        return (!asks || Mode != AskingMode.Strict ? _park.Take(cpu.Id) : null) ?? TakeBackground(cpu);
    }

    /// <summary>The smallest vtime of the three goes first. PARK counts only when it is due.</summary>
    private SimulatedTask? TakeByVtime(SimulatedCpu cpu, bool parkIsDue)
    {
        DispatchQueue first = _run;
        DispatchQueue second = cpu.Queue;
        SimulatedTask? best = _run.First;
        if (cpu.Queue.First is { } own && (best is null || Before(own.QueueKey, best.QueueKey)))
        {
            (first, second) = (second, first);
            best = own;
        }
        if (parkIsDue && _park.First is { } parked && (best is null || Before(parked.QueueKey, best.QueueKey)) && _park.Take(cpu.Id) is { } task)
        {
            return task;
        }
        return first.Take(cpu.Id) ?? second.Take(cpu.Id);
    }

    private bool ParkIsDue(bool asks) =>
        _park.First is { } first && (!asks || Before(first.ParkedNs + EffectiveLeaseNs, NowNs));

    private ulong EffectiveLeaseNs => (ulong)(Mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : LeaseNs);

    private bool BackgroundIsDue() => _background.Count > 0 && Before(
        _backgroundServedNs + Math.Clamp(BackgroundBoundNs / (ulong)_background.Count, BackgroundOftenNs, BackgroundRarelyNs), NowNs);

    private SimulatedTask? TakeBackground(SimulatedCpu cpu)
    {
        SimulatedTask? task = _background.Take(cpu.Id);
        if (task is not null)
        {
            _backgroundServedNs = NowNs;
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

    /// <summary>The task whose slice is over goes on if it is the first by its key even so.</summary>
    private bool IsStillFirst(SimulatedCpu cpu, SimulatedTask task)
    {
        SchedulingClass schedulingClass = ClassOf(task);
        if (!IsFair(schedulingClass))
        {
            return false;
        }
        ulong ran = NowNs - task.StartedNs;
        ulong key = QueueKey(task, schedulingClass) + ran * 100 / WeightOf(task, schedulingClass);
        if (IsBehind(_run) || IsBehind(_park) || IsBehind(cpu.Queue))
        {
            return false;
        }
        _states[cpu.Id].NrContinued++;
        GoOn(cpu, task, schedulingClass, isWanted: true);
        return true;

        bool IsBehind(DispatchQueue queue) => queue.First is { } first && !Before(key, first.QueueKey);
    }

    private void GoOn(SimulatedCpu cpu, SimulatedTask task, SchedulingClass schedulingClass, bool isWanted)
    {
        Account(cpu, task, NowNs - task.StartedNs, isWanted);
        task.StartedNs = NowNs;
        task.GrantedNs = SliceOf(task, schedulingClass);
        cpu.SliceEndNs = NowNs + task.GrantedNs;
    }

    private void OnTimer()
    {
        if (_park.First is { } first && (!UserAnswers() || Before(first.ParkedNs + EffectiveLeaseNs, NowNs)))
        {
            for (int cpu = 0; cpu < _options.Cpus; cpu++)
            {
                if (_states[cpu].RunningClass == 0)
                {
                    Kick(cpu);
                }
            }
        }
        Age(_run);
        Age(_park);
        Age(_background);
        foreach (SimulatedCpu cpu in _cpus)
        {
            Age(cpu.Queue);
        }
        At(NowNs + (Mode == AskingMode.Strict ? TimerPeriodStrictNs : TimerPeriodNs), new Event(EventKind.Timer));
    }

    /// <summary>Moves those who waited too long to the queue that goes first.</summary>
    private void Age(DispatchQueue queue)
    {
        if (queue.Count == 0)
        {
            return;
        }
        foreach (SimulatedTask task in queue.FromLast.Take(AgeScanMax).Where(t => Before(t.RunnableNs!.Value + WaitBoundNs, NowNs)).ToList())
        {
            queue.Remove(task);
            _aged.Insert(task, task.RunnableNs!.Value);
            _states[task.Cpu].NrAged++;
        }
    }
}
