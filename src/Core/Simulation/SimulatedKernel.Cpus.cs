using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// What the kernel itself does: a CPU runs a task until its slice or its step ends, and asks dispatch() for the next.
public sealed unsafe partial class SimulatedKernel
{
    /// <summary>A behaviour that does so many things at once is one that never lets time pass.</summary>
    private const int StepsAtOnceMax = 1000;

    private void OnDue(SimulatedCpu cpu)
    {
        SimulatedTask task = cpu.Current!;
        Mark(cpu);
        for (int steps = 0; task.BurstNs == 0; steps++)
        {
            if (steps == StepsAtOnceMax)
            {
                throw new InvalidOperationException($"The behaviour of task {task.Pid} ({task.Spec.Comm}) takes no time.");
            }
            TaskStep step = task.Spec.Behaviour.NextStep(task, _random);
            switch (step.Kind)
            {
                case StepKind.Run:
                    task.BurstNs = (ulong)step.Ns;
                    break;
                case StepKind.Fork:
                    Spawn(step.Child!, task);
                    break;
                case StepKind.Wake:
                    if (_tasks.TryGetValue(step.Pid, out SimulatedTask? sleeper) && sleeper.State is SimulatedTaskState.Blocked)
                    {
                        Watcher?.Woken(sleeper, task);
                        MakeRunnable(sleeper, isWakeUp: true, isSync: true);
                    }
                    break;
                default:
                    Leave(cpu, step);
                    return;
            }
        }
        if (NowNs >= cpu.SliceEndNs)
        {
            EndSlice(cpu);
        }
        else
        {
            ScheduleDue(cpu);
        }
    }

    private void Mark(SimulatedCpu cpu)
    {
        SimulatedTask task = cpu.Current!;
        ulong ran = NowNs - cpu.MarkNs;
        cpu.MarkNs = NowNs;
        task.BurstNs -= Math.Min(ran, task.BurstNs);
        task.UsedNs += ran;
    }

    private void ScheduleDue(SimulatedCpu cpu)
    {
        ulong due = Math.Min(cpu.SliceEndNs, NowNs + cpu.Current!.BurstNs);
        At(due, new Event(EventKind.CpuDue, cpu.Id, Version: ++cpu.Version));
    }

    /// <summary>The task goes to sleep or ends.</summary>
    private void Leave(SimulatedCpu cpu, TaskStep step)
    {
        SimulatedTask task = cpu.Current!;
        Stopping(cpu, task, isRunnable: false);
        EndParkingGone(task);
        LeaveShare(task);
        cpu.Current = null;
        switch (step.Kind)
        {
            case StepKind.Sleep:
                task.State = SimulatedTaskState.Sleeping;
                At(NowNs + (ulong)step.Ns, new Event(EventKind.Wake, Task: task));
                break;
            case StepKind.Block:
                task.State = SimulatedTaskState.Blocked;
                break;
            default:
                task.State = SimulatedTaskState.Exited;
                _tasks.Remove(task.Pid);
                Watcher?.Ended(task);
                break;
        }
        PickNext(cpu);
    }

    /// <summary>The slice is over, or was cut short: another task, or this one once more.</summary>
    private void EndSlice(SimulatedCpu cpu)
    {
        SimulatedTask previous = cpu.Current!;
        bool goesOn = false;
        SimulatedTask? next = cpu.Local.Take(cpu.Id) ?? Dispatch(cpu, previous, out goesOn);
        if (goesOn)
        {
            // dispatch() has let the present one go on.
            ScheduleDue(cpu);
            return;
        }
        Stopping(cpu, previous, isRunnable: true);
        cpu.Current = null;
        previous.State = SimulatedTaskState.Waiting;
        Enqueue(previous, cpu.Id, isWakeUp: false, cpuSelected: false);
        if (next is null)
        {
            PickNext(cpu);
        }
        else
        {
            Start(cpu, next);
        }
    }

    /// <summary>The CPU has no task.</summary>
    private void PickNext(SimulatedCpu cpu)
    {
        if ((cpu.Local.Take(cpu.Id) ?? Dispatch(cpu, previous: null, out _)) is { } next)
        {
            Start(cpu, next);
            return;
        }
        cpu.Version++;
        SetIdle(cpu.Id, true);
    }

    private void Start(SimulatedCpu cpu, SimulatedTask task)
    {
        SetIdle(cpu.Id, false);
        task.State = SimulatedTaskState.Running;
        task.Cpu = cpu.Id;
        task.Runs++;
        cpu.Current = task;
        cpu.MarkNs = NowNs;
        cpu.SliceEndNs = NowNs + task.GrantedNs;
        Running(cpu, task);
        ScheduleDue(cpu);
    }

    private void Running(SimulatedCpu cpu, SimulatedTask task)
    {
        CpuState* state = _states + cpu.Id;
        if (EndParking(task, task.Parked))
        {
            state->NrTaken++;
        }
        task.StartedNs = NowNs;
        state->RunningSinceNs = NowNs;
        state->RunningPid = task.Pid;
        SchedulingClass schedulingClass = ClassOf(task);
        state->RunningClass = task.Spec.IsKernelThread ? RunningSystem : (uint)schedulingClass;
        state->RunningKey = task.AgedNs is null ? QueueKey(task, schedulingClass) : _vtimeNow - DebtMaxNs;
        ulong waited = 0;
        if (task.RunnableNs is { } since)
        {
            waited = NowNs - since;
            state->WaitNs += waited;
            state->NrWaits++;
            state->ClassWaitNs[ClassIndex(state)] += waited;
            state->ClassWaits[ClassIndex(state)]++;
            task.WaitMaxNs = Math.Max(task.WaitMaxNs, waited);
            task.WaitedNs += waited;
            task.RunnableNs = null;
        }
        Watcher?.Running(cpu.Id, task, waited);
    }

    private void Stopping(SimulatedCpu cpu, SimulatedTask task, bool isRunnable)
    {
        ulong ran = NowNs - task.StartedNs;
        task.LeftNs = isRunnable ? MinusToZero(task.GrantedNs, ran) : 0;
        task.AgedNs = isRunnable ? task.AgedNs : null;
        Account(cpu, task, ran, isWanted: true);
        Watcher?.Stopped(cpu.Id, task, isRunnable);
        _states[cpu.Id].RunningPid = 0;
        _states[cpu.Id].RunningClass = 0;
    }

    /// <summary>A blocked, sleeping or new task has work to do.</summary>
    private void MakeRunnable(SimulatedTask task, bool isWakeUp, bool isSync)
    {
        task.State = SimulatedTaskState.Waiting;
        bool isPlaced = SelectCpu(task, isSync);
        if (isWakeUp)
        {
            task.RunNs = 0;
        }
        JoinShare(task);
        if (!isPlaced)
        {
            Enqueue(task, task.Cpu, isWakeUp, cpuSelected: true);
        }
    }

    private void Kick(int cpu, bool preempt = false) =>
        At(NowNs, new Event(preempt ? EventKind.Preempt : EventKind.Reschedule, cpu));
}
