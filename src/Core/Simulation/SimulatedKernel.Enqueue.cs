using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// A task becomes ready to run. Mirrors select_cpu and enqueue of bpf/scheduler.bpf.c.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong PreemptWindowNs = 10 * Millisecond;
    private const uint PreemptsPerWindow = 40;
    private const ulong ProtectedNs = 2_800_000;
    private const ulong ClaimLeadNs = 4 * Millisecond;

    /// <summary>True when an idle CPU has the task.</summary>
    private bool SelectCpu(SimulatedTask task, bool isSync)
    {
        task.WokenSync = isSync;
        if (Mode == AskingMode.Strict && !task.Spec.IsKernelThread)
        {
            return false;
        }
        int cpu = ChooseIdle(task);
        if (cpu < 0)
        {
            return false;
        }
        SetIdle(cpu, false);
        task.Cpu = cpu;
        task.Generation++;
        task.RunnableNs = NowNs;
        ChooseHome(task, cpu);
        task.GrantedNs = SliceOf(task, SchedulingClass.Normal);
        _states[cpu].NrIdleLocal++;
        _cpus[cpu].Local.Append(task);
        Kick(cpu);
        return true;
    }

    private void Enqueue(SimulatedTask task, int here, bool isWakeUp, bool cpuSelected)
    {
        EndParkingGone(task);
        task.Generation++;
        SchedulingClass schedulingClass = ClassOf(task);
        task.RunnableNs = NowNs;
        ulong? agedNs = task.AgedNs;
        task.AgedNs = null;
        ChooseHome(task, task.Cpu);
        SimulatedHome home = task.Home!;
        task.GrantedNs = SliceOf(task, schedulingClass);
        LimitLag(task, RenewShare(task, schedulingClass) || isWakeUp);
        ulong key = QueueKey(task, schedulingClass);
        CpuState* state = _states + here;
        bool isKernel = task.Spec.IsKernelThread;
        if (task.IsPinned && isKernel && isWakeUp)
        {
            state->NrKernel++;
            _cpus[task.Cpu].Local.Append(task);
            Kick(task.Cpu);
            return;
        }
        bool hasSlice = !isWakeUp && !cpuSelected && task.LeftNs > Verdict.SliceMinNs;
        bool isPreempted = state->PreemptedPid == task.Pid;
        if (isPreempted)
        {
            state->PreemptedPid = 0;
        }
        if (agedNs is { } since && hasSlice)
        {
            // One that waited too long has all of its turn, whoever interrupts it.
            Resume(task, state, home.Aged, since);
            task.AgedNs = since;
            return;
        }
        if (home.IsSet)
        {
            state->NrSet++;
        }
        if (!isKernel && schedulingClass == SchedulingClass.LatencyCritical)
        {
            EnqueueLatency(task, here, isWakeUp, cpuSelected);
            return;
        }
        if (task.IsPinned)
        {
            state->NrPinned++;
            _cpus[task.Cpu].Queue.Insert(task, key);
            if (_states[task.Cpu].RunningClass == 0)
            {
                Kick(task.Cpu);
            }
            else if (isWakeUp)
            {
                Claim(task.Cpu, (uint)schedulingClass, key);
            }
            return;
        }
        if (isKernel)
        {
            state->NrKernel++;
            home.Run.Insert(task, key);
            KickIdle(task);
            return;
        }
        if (isPreempted && hasSlice)
        {
            // Somebody decided already that it runs here now; it was only interrupted.
            Resume(task, state, home.Run, key);
            return;
        }
        if (schedulingClass == SchedulingClass.Background)
        {
            state->NrBackground++;
            home.Background.Insert(task, key);
            KickIdle(task);
            return;
        }
        EnqueueShared(task, state, key, schedulingClass, isWakeUp);
    }

    private void Resume(SimulatedTask task, CpuState* state, DispatchQueue queue, ulong key)
    {
        state->NrResumed++;
        task.GrantedNs = task.LeftNs;
        queue.Insert(task, key);
        KickIdle(task);
    }

    /// <summary>PARK with a notice, or the run queue where asking user space is impossible or changes nothing.</summary>
    private void EnqueueShared(SimulatedTask task, CpuState* state, ulong key, SchedulingClass schedulingClass, bool isWakeUp)
    {
        bool isStrict = Mode == AskingMode.Strict;
        SimulatedHome home = task.Home!;
        DispatchQueue queue = home.Run;
        if (Mode == AskingMode.Kernel)
        {
            state->NrKernelOrder++;
        }
        else if (!UserAnswers())
        {
            state->NrAutonomous++;
        }
        else if (!isStrict && home.Run.Count == 0 && home.Park.Count == 0)
        {
            state->NrUnasked++;
        }
        else if (!SendNotice(task, key, schedulingClass))
        {
            state->NrRingFull++;
        }
        else
        {
            task.ParkedNs = NowNs;
            task.Parked = task.Generation;
            state->NrParked++;
            queue = home.Park;
        }
        queue.Insert(task, key);
        if (isStrict && queue == home.Park)
        {
            return;
        }
        if (!KickIdle(task) && isWakeUp && queue == home.Run)
        {
            Claim(task.Cpu, (uint)schedulingClass, key);
        }
    }

    private void EnqueueLatency(SimulatedTask task, int here, bool isWakeUp, bool cpuSelected)
    {
        const uint Class = (uint)SchedulingClass.LatencyCritical;
        _states[here].NrLatency++;
        SimulatedHome home = task.Home!;
        // Woken by one of its class that is about to sleep, as along a chain of services: that CPU takes it next.
        bool isSync = task.WokenSync && isWakeUp && _states[here].RunningClass == Class && (!home.IsSet || home.Has(here));
        // Whose slice is over has its own CPU, which may take another: an idle one would not hear of it.
        int idle = isSync || cpuSelected ? -1 : FindIdle(task, home);
        int cpu = isSync ? here : idle >= 0 ? idle : LeastUrgentCpu(task, home, Class);
        if (!home.IsSet)
        {
            task.Home = home = _cpus[cpu].Llc;
        }
        home.Latency.Insert(task, NowNs + task.GrantedNs);
        if (!isSync && _states[cpu].UpperRunNs <= UpperLeadNs)
        {
            Preempt(cpu, Class);
        }
    }

    /// <summary>The CPU whose present task is least urgent: the task's own, else one of its LLC, else one further away.</summary>
    private int LeastUrgentCpu(SimulatedTask task, SimulatedHome home, uint schedulingClass)
    {
        const uint NotLower = 256;
        const uint FurtherAway = 16;
        int best = task.Cpu;
        SimulatedHome llc = _cpus[best].Llc;
        uint lowest = uint.MaxValue;
        if (!home.IsSet || home.Has(best))
        {
            uint running = _states[best].RunningClass;
            if (running < schedulingClass)
            {
                return best;
            }
            lowest = NotLower + running;
        }
        for (int cpu = 0; cpu < _options.Cpus; cpu++)
        {
            uint running = _states[cpu].RunningClass;
            uint rank = running + (running < schedulingClass ? 0 : NotLower) + (_cpus[cpu].Llc == llc ? 0 : FurtherAway);
            if (rank < lowest && task.MayRunOn(cpu) && (!home.IsSet || home.Has(cpu)))
            {
                lowest = rank;
                best = cpu;
            }
        }
        return best;
    }

    /// <summary>Asks a CPU to leave what it runs, if that is of a lower class and the CPU has not been asked too often.</summary>
    private void Preempt(int cpu, uint schedulingClass)
    {
        CpuState* state = _states + cpu;
        if (state->RunningClass == 0)
        {
            Kick(cpu);
        }
        else if (state->RunningClass < schedulingClass && MayPreempt(state))
        {
            CutSlice(cpu, state);
        }
    }

    /// <summary>Who woke up does not wait for the whole slice of one that comes well after it in the order.</summary>
    private void Claim(int cpu, uint schedulingClass, ulong key)
    {
        CpuState* state = _states + cpu;
        if (state->RunningClass == 0 || state->RunningClass > schedulingClass)
        {
            return;
        }
        if (state->RunningClass != (uint)SchedulingClass.Background || schedulingClass == (uint)SchedulingClass.Background)
        {
            ulong ran = NowNs - state->RunningSinceNs;
            if (!Before(key + ClaimLeadNs, state->RunningKey + ran))
            {
                return;
            }
            if (ran < ProtectedNs)
            {
                // In the kernel with the next tick.
                SimulatedCpu running = _cpus[cpu];
                Mark(running);
                running.SliceEndNs = Math.Min(running.SliceEndNs, state->RunningSinceNs + ProtectedNs);
                ScheduleDue(running);
                return;
            }
        }
        if (MayPreempt(state))
        {
            CutSlice(cpu, state);
        }
    }

    /// <summary>At most so often in a while.</summary>
    private bool MayPreempt(CpuState* state)
    {
        if (Before(state->PreemptWindowNs + PreemptWindowNs, NowNs))
        {
            state->PreemptWindowNs = NowNs;
            state->PreemptsInWindow = 0;
        }
        return state->PreemptsInWindow++ < PreemptsPerWindow;
    }

    private void CutSlice(int cpu, CpuState* state)
    {
        state->PreemptedPid = state->RunningPid;
        state->NrPreempted++;
        Kick(cpu, preempt: true);
    }
}
