using System.Text;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// Notices, verdicts, and whether user space is there. Mirrors bpf/park.bpf.h.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong VerdictHorizonNs = 1000 * Millisecond;
    private const ulong BeatsToAssist = 8;

    /// <summary>In autonomous mode no notice wakes the loop; otherwise one does, and this is its heartbeat.</summary>
    private const ulong ReturnWaitNs = Millisecond;
    private const ulong IdleWaitNs = 1000 * Millisecond;

    private Func<int>? _loop;
    private long _roundVersion;
    private ulong _pausedUntilNs;
    private bool _loopSleeps;
    private ulong _unseenNs;
    private ulong _heartbeatNs;
    private ulong _heartbeatCount;
    private ulong _beatMark;

    /// <summary>How often user space was given up, for the time being.</summary>
    public long AutonomousCount { get; private set; }

    /// <summary>User space makes no round for so long, as if it were stopped, collected garbage, or waited for memory.</summary>
    /// <param name="ns">From now on, from 0 on.</param>
    public void PauseUserSpace(long ns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ns);
        _pausedUntilNs = NowNs + (ulong)ns;
    }

    /// <summary>Makes something the dispatch loop, in place of what was it before.</summary>
    /// <param name="round">One round; returns the number of notices read.</param>
    internal void Connect(Func<int> round)
    {
        _loop = round;
        ScheduleRound(NowNs);
    }

    /// <summary>From now on there is no loop: as after the end of its process.</summary>
    internal void Disconnect()
    {
        _loop = null;
        _roundVersion++;
    }

    internal void Beat(ulong startedNs)
    {
        _heartbeatNs = startedNs;
        _heartbeatCount++;
    }

    internal void Apply(in Verdict verdict)
    {
        CpuState* state = _states;
        state->NrVerdicts++;
        if (verdict.SliceNs is < Verdict.SliceMinNs or > Verdict.SliceMaxNs)
        {
            state->NrRefusedSlice++;
        }
        else if (verdict.Cpu < Verdict.AnyCpu || verdict.Cpu >= _options.Cpus)
        {
            state->NrRefusedCpu++;
        }
        else if (!_tasks.TryGetValue(verdict.Pid, out SimulatedTask? task))
        {
            state->NrRefusedGone++;
        }
        else if (task.Generation != verdict.Generation || task.StartTimeNs != verdict.StartTimeNs)
        {
            state->NrRefusedStale++;
        }
        else if (verdict.Cpu != Verdict.AnyCpu && (!task.MayRunOn(verdict.Cpu) || (task.Home!.IsHard && !task.Home.Has(verdict.Cpu))))
        {
            state->NrRefusedCpu++;
        }
        else if (task.Queue != task.Home!.Park)
        {
            state->NrRefusedLeft++;
        }
        else
        {
            Move(task, verdict);
        }
    }

    private void Move(SimulatedTask task, in Verdict verdict)
    {
        ulong key = verdict.Vtime;
        if (Before(key, _vtimeNow - VerdictHorizonNs))
        {
            key = _vtimeNow - VerdictHorizonNs;
        }
        else if (Before(_vtimeNow + VerdictHorizonNs, key))
        {
            key = _vtimeNow + VerdictHorizonNs;
        }
        SimulatedHome home = task.Home!;
        ulong slice = WithinRound(verdict.SliceNs, home);
        home.Park.Remove(task);
        // Other CPUs take from a CPU's queue when they have nothing else to do: not for tasks that only some may take.
        (verdict.Cpu == Verdict.AnyCpu || home.IsHard ? home.Run : _cpus[verdict.Cpu].Queue).Insert(task, key);
        task.GrantedNs = slice;
        if (EndParking(task, verdict.Generation))
        {
            _states->NrMoved++;
        }
        if (verdict.Cpu != Verdict.AnyCpu)
        {
            Kick(verdict.Cpu);
        }
        else if (Mode == AskingMode.Strict)
        {
            // Elsewhere no CPU is idle while somebody is parked.
            KickIdle(task);
        }
    }

    private bool UserAnswers()
    {
        if (Mode == AskingMode.Kernel)
        {
            return false;
        }
        ulong stale = (ulong)_options.StaleNs;
        if (!IsAutonomous)
        {
            if (!Before(_heartbeatNs, _unseenNs) || !Before(_unseenNs + stale, NowNs))
            {
                return true;
            }
            IsAutonomous = true;
            _beatMark = _heartbeatCount;
            AutonomousCount++;
            return false;
        }
        if (_heartbeatCount - _beatMark < BeatsToAssist || Before(_heartbeatNs + stale, NowNs))
        {
            return false;
        }
        IsAutonomous = false;
        return true;
    }

    private bool SendNotice(SimulatedTask task, ulong key, SchedulingClass schedulingClass)
    {
        Notice* notice = Ring.Reserve();
        if (notice == null)
        {
            return false;
        }
        *notice = new Notice
        {
            Generation = task.Generation,
            StartTimeNs = task.StartTimeNs,
            ParkedNs = NowNs,
            Vtime = key,
            CgroupId = task.Spec.CgroupId,
            RunNs = task.RunNs,
            BurstNs = BurstOf(task),
            SliceNs = DirectedSlice(task),
            Pid = task.Pid,
            Tgid = task.Tgid,
            Cpu = task.Cpu,
            Weight = (uint)task.NiceWeight,
            Class = schedulingClass,
            NrCpusAllowed = (uint)(task.Spec.Cpus?.Count ?? _options.Cpus),
        };
        string comm = task.Spec.Comm;
        _ = Encoding.ASCII.GetBytes(comm.AsSpan(0, Math.Min(comm.Length, 15)), notice->Comm);
        if (!Before(_heartbeatNs, _unseenNs))
        {
            _unseenNs = NowNs;
        }
        if (_loopSleeps)
        {
            _loopSleeps = false;
            ScheduleRound(NowNs + (ulong)_options.LoopWakeNs);
        }
        return true;
    }

    private static bool EndParking(SimulatedTask task, ulong generation)
    {
        if (generation == 0 || task.Parked != generation)
        {
            return false;
        }
        task.Parked = 0;
        return true;
    }

    private void EndParkingGone(SimulatedTask task)
    {
        if (EndParking(task, task.Parked))
        {
            _states[task.Cpu].NrGone++;
        }
    }

    private void ScheduleRound(ulong time) => At(time, new Event(EventKind.Round, Version: ++_roundVersion));

    private void RunLoop()
    {
        if (_loop is null)
        {
            return;
        }
        if (Before(NowNs, _pausedUntilNs))
        {
            ScheduleRound(_pausedUntilNs);
            return;
        }
        _loopSleeps = false;
        int read = _loop();
        if (_loop is null)
        {
            return;
        }
        ulong took = (ulong)_options.LoopRoundNs + (ulong)_options.LoopTaskNs * (ulong)read;
        _loopSleeps = read == 0;
        ScheduleRound(NowNs + (read > 0 ? took : IsAutonomous ? ReturnWaitNs : IdleWaitNs));
    }
}
