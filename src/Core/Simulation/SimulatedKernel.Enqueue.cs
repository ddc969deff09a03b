using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// A task becomes ready to run. Mirrors select_cpu and enqueue of bpf/scheduler.bpf.c.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong PreemptWindowNs = 10 * Millisecond;
    private const uint PreemptsPerWindow = 40;

    /// <summary>True when an idle CPU has the task.</summary>
    private bool SelectCpu(SimulatedTask task, bool isSync)
    {
        task.WokenSync = isSync;
        if (Mode == AskingMode.Strict && !task.Spec.IsKernelThread)
        {
            return false;
        }
        int cpu = PickIdle(task);
        if (cpu < 0)
        {
            return false;
        }
        SetIdle(cpu, false);
        task.Cpu = cpu;
        task.Generation++;
        task.RunnableNs = NowNs;
        task.GrantedNs = SliceOf(task, SchedulingClass.Normal);
        _states[cpu].NrIdleLocal++;
        _cpus[cpu].Local.Append(task);
        Kick(cpu);
        return true;
    }

    /// <summary>The task's own CPU if that is idle, else any idle one that it may run on; -1 when there is none.</summary>
    private int PickIdle(SimulatedTask task)
    {
        if (IsIdle(task.Cpu) && task.MayRunOn(task.Cpu))
        {
            return task.Cpu;
        }
        for (int word = 0; word < _idle.Length; word++)
        {
            for (ulong bits = _idle[word]; bits != 0; bits &= bits - 1)
            {
                int cpu = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
                if (task.MayRunOn(cpu))
                {
                    return cpu;
                }
            }
        }
        return -1;
    }

    private void KickIdle(SimulatedTask task)
    {
        int idle = PickIdle(task);
        Kick(idle >= 0 ? idle : task.Cpu);
    }

    private void Enqueue(SimulatedTask task, int here, bool isWakeUp, bool cpuSelected)
    {
        EndParkingGone(task);
        task.Generation++;
        SchedulingClass schedulingClass = ClassOf(task);
        task.RunnableNs = NowNs;
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
        if (!isKernel && schedulingClass == SchedulingClass.LatencyCritical)
        {
            EnqueueLatency(task, here, isWakeUp);
            return;
        }
        if (task.IsPinned)
        {
            state->NrPinned++;
            _cpus[task.Cpu].Queue.Insert(task, key);
            Kick(task.Cpu);
            return;
        }
        if (isKernel)
        {
            state->NrKernel++;
            _run.Insert(task, key);
            KickIdle(task);
            return;
        }
        if (!isWakeUp && !cpuSelected && state->PreemptedPid == task.Pid)
        {
            state->PreemptedPid = 0;
            if (task.LeftNs > Verdict.SliceMinNs)
            {
                // Somebody decided already that it runs here now; it was only interrupted.
                state->NrResumed++;
                task.GrantedNs = task.LeftNs;
                _run.Insert(task, key);
                KickIdle(task);
                return;
            }
        }
        if (schedulingClass == SchedulingClass.Background)
        {
            state->NrBackground++;
            _background.Insert(task, key);
            KickIdle(task);
            return;
        }
        EnqueueShared(task, state, key, schedulingClass);
    }

    /// <summary>PARK with a notice, or the run queue where asking user space is impossible or changes nothing.</summary>
    private void EnqueueShared(SimulatedTask task, CpuState* state, ulong key, SchedulingClass schedulingClass)
    {
        bool isStrict = Mode == AskingMode.Strict;
        DispatchQueue queue = _run;
        if (Mode == AskingMode.Kernel)
        {
            state->NrKernelOrder++;
        }
        else if (!UserAnswers())
        {
            state->NrAutonomous++;
        }
        else if (!isStrict && _run.Count == 0 && _park.Count == 0)
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
            queue = _park;
        }
        queue.Insert(task, key);
        if (!isStrict || queue != _park)
        {
            KickIdle(task);
        }
    }

    private void EnqueueLatency(SimulatedTask task, int here, bool isWakeUp)
    {
        _states[here].NrLatency++;
        _latency.Insert(task, NowNs + task.GrantedNs);
        // Woken by one of its class that is about to sleep, as along a chain of services: that CPU takes it next.
        if (task.WokenSync && isWakeUp && _states[here].RunningClass == (uint)SchedulingClass.LatencyCritical)
        {
            return;
        }
        int cpu = LeastUrgentCpu(task, (uint)SchedulingClass.LatencyCritical);
        if (_states[cpu].UpperRunNs <= UpperLeadNs)
        {
            Preempt(cpu, (uint)SchedulingClass.LatencyCritical);
        }
    }

    private int LeastUrgentCpu(SimulatedTask task, uint schedulingClass)
    {
        int best = task.Cpu;
        uint lowest = _states[best].RunningClass;
        if (lowest < schedulingClass)
        {
            return best;
        }
        for (int cpu = 0; cpu < _options.Cpus; cpu++)
        {
            if (_states[cpu].RunningClass < lowest && task.MayRunOn(cpu))
            {
                lowest = _states[cpu].RunningClass;
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
            return;
        }
        if (state->RunningClass >= schedulingClass)
        {
            return;
        }
        if (Before(state->PreemptWindowNs + PreemptWindowNs, NowNs))
        {
            state->PreemptWindowNs = NowNs;
            state->PreemptsInWindow = 0;
        }
        if (state->PreemptsInWindow >= PreemptsPerWindow)
        {
            return;
        }
        state->PreemptsInWindow++;
        state->PreemptedPid = state->RunningPid;
        state->NrPreempted++;
        Kick(cpu, preempt: true);
    }
}
