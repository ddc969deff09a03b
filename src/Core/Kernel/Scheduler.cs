using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>Our scheduler in the running kernel.</summary>
/// <remarks>
/// Start and stop belong to one thread; <see cref="ReadState"/> and <see cref="Snapshot"/> may be called by any. When the process dies, in
/// whatever way, the kernel takes scheduling back by itself.
/// </remarks>
public sealed unsafe class Scheduler(SchedulerOptions options) : IStartableScheduler, ISchedulerSettings, IDisposable
{
    private readonly Lock _lock = new();
    private SchedulerProgram? _program;
    private DispatchThreads? _dispatch;
    private DirectiveStore? _directives;
    private CgroupDirectiveStore? _cgroupDirectives;
    private CpuSetStore? _cpuSets;
    private DateTimeOffset? _attachedSince;
    private SchedulerExit? _lastExit;
    private Dictionary<string, long> _lastCounters = [];
    private string _reason = "The scheduler has not been started.";

    /// <inheritdoc/>
    public IDirectiveStore Directives => _directives ?? throw new SchedulerUnavailableException(_reason);

    /// <inheritdoc/>
    public SchedulerExit? KernelExit
    {
        get
        {
            lock (_lock)
            {
                return _program?.ReadExit();
            }
        }
    }

    /// <inheritdoc/>
    public void Start()
    {
        options.Validate();
        lock (_lock)
        {
            if (_program is not null)
            {
                return;
            }
            try
            {
                Attach();
            }
            catch (SchedulerUnavailableException e)
            {
                _reason = e.Message;
                Release();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_lock)
        {
            if (_program is null)
            {
                return;
            }
            _reason = "The scheduler was stopped.";
            Release();
        }
    }

    /// <inheritdoc/>
    public SchedulerState ReadState()
    {
        lock (_lock)
        {
            string kernelState = SchedExtFiles.State;
            SchedulerExit? exit = _program?.ReadExit() ?? _lastExit;
            bool attached = _program is not null && _program.ReadExit() is null && kernelState == "enabled";
            var state = new SchedulerState
            {
                Attached = attached,
                KernelState = kernelState,
                OpsName = SchedExtFiles.OpsName,
                Reason = attached ? "" : _program is null || exit is null ? _reason : $"The kernel ended the scheduler: {exit.Reason} {exit.Message}".TrimEnd(),
                Policy = options.Policy,
                LeaseNs = EffectiveLeaseNs,
                SliceNs = options.SliceNs,
                AttachedSince = attached ? _attachedSince : null,
                KernelRelease = KernelRelease.Text,
                Cpus = Environment.ProcessorCount,
                LastExit = exit,
            };
            return _program is null ? state : AsLoaded(state, _program);
        }
    }

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot()
    {
        lock (_lock)
        {
            var snapshot = new SchedulerSnapshot(ReadState());
            return _program is null ? snapshot with { Counters = _lastCounters } : WithCounters(snapshot, _program);
        }
    }

    /// <inheritdoc/>
    public void SetLease(long leaseNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaseNs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leaseNs, SchedulerOptions.LeaseMaxNs);
        lock (_lock)
        {
            options = options with { LeaseNs = leaseNs };
            if (_program is not null)
            {
                Volatile.Write(ref _program.Control.Pointer->LeaseNs, (ulong)EffectiveLeaseNs);
            }
        }
    }

    /// <inheritdoc/>
    public void SetSlice(long sliceNs)
    {
        lock (_lock)
        {
            SchedulerOptions wanted = options with { SliceNs = sliceNs };
            wanted.Validate();
            options = wanted;
            if (_program is not null)
            {
                Volatile.Write(ref _program.Control.Pointer->SliceMaxNs, (ulong)sliceNs);
            }
        }
    }

    /// <inheritdoc/>
    public void SetMode(AskingMode mode)
    {
        lock (_lock)
        {
            options = options with { Mode = mode };
            if (_program is { } program)
            {
                Volatile.Write(ref program.Control.Pointer->LeaseNs, (ulong)EffectiveLeaseNs);
                Volatile.Write(ref *(uint*)&program.Control.Pointer->Asking, (uint)mode);
            }
        }
    }

    /// <inheritdoc/>
    public void SetPolicy(string policy)
    {
        SchedulerOptions wanted = options with { Policy = policy, CreatePolicy = null };
        wanted.Validate();
        lock (_lock)
        {
            options = wanted;
            if (_program is { } program)
            {
                _dispatch?.Dispose();
                _dispatch = DispatchThreads.Start(program, options);
                // A policy that failed has turned asking off.
                Volatile.Write(ref *(uint*)&program.Control.Pointer->Asking, (uint)options.Mode);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    /// <summary>The directives of cgroups in the kernel. When no scheduler is attached, asking for it throws.</summary>
    public ICgroupDirectiveStore CgroupDirectives => _cgroupDirectives ?? throw new SchedulerUnavailableException(_reason);

    /// <summary>The CPU sets that directives may name. When no scheduler is attached, asking for it throws.</summary>
    public ICpuSetStore CpuSets => _cpuSets ?? throw new SchedulerUnavailableException(_reason);

    /// <summary>Where every task waits for a verdict, the kernel side has to leave time for it.</summary>
    private long EffectiveLeaseNs => options.Mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : options.LeaseNs;

    /// <summary>From now on the kernel side serves nobody but us, until the kernel's watchdog ends it. Needs <see cref="SchedulerOptions.AllowFaults"/>.</summary>
    internal void Fail()
    {
        lock (_lock)
        {
            Volatile.Write(ref *_program!.Fault!.Pointer, 1u);
        }
    }

    /// <summary>For tests that write to the kernel what the loop would.</summary>
    internal SchedulerProgram? Program => _program;

    private void Attach()
    {
        var doctor = new Doctor();
        using BtfData? types = doctor.ReadKernelTypes();
        DoctorReport report = doctor.Examine(types);
        if (report.Obstacle is { } obstacle)
        {
            throw new SchedulerUnavailableException($"{obstacle.Detail} {obstacle.Fix}".TrimEnd());
        }
        // Until we are attached we compete under the kernel's own scheduler with whatever made the user call us.
        int nice = LibC.getpriority(0, 0);
        _ = LibC.setpriority(0, 0, -20);
        try
        {
            _program = SchedulerProgram.Load(options, types!);
            _dispatch = DispatchThreads.Start(_program, options);
            LockMemory();
            _program.Attach();
        }
        finally
        {
            _ = LibC.setpriority(0, 0, nice);
        }
        _directives = new DirectiveStore(_program);
        _cgroupDirectives = new CgroupDirectiveStore(_program);
        _cpuSets = new CpuSetStore(_program);
        _attachedSince = DateTimeOffset.UtcNow;
        _lastExit = null;
        _reason = "";
    }

    private void Release()
    {
        _directives = null;
        _cgroupDirectives = null;
        _cpuSets = null;
        if (_program is { } program)
        {
            program.Detach();
            _dispatch?.Dispose();
            // After the last task and the last verdict: only now do the counters add up exactly.
            _lastExit = program.ReadExit() ?? _lastExit;
            _lastCounters = Counters(program);
            _dispatch = null;
        }
        _program?.Dispose();
        _program = null;
        _attachedSince = null;
    }

    private static void LockMemory()
    {
        // A kernel thread that makes huge pages of ours holds up every thread that touches memory, for milliseconds.
        _ = LibC.prctl(LibC.SetHugePagesOff, 1, 0, 0, 0);
        // What is there now is brought in and stays; what comes later stays from its first use on. Asking for all of
        // the future at once would fill 8 MB of stack for every thread.
        // A refusal (no CAP_IPC_LOCK) is no obstacle: a page fault of the loop is bridged by the kernel side.
        _ = LibC.mlockall(LibC.MclCurrent);
        _ = LibC.mlockall(LibC.MclFuture | LibC.MclOnFault);
    }

    private SchedulerState AsLoaded(SchedulerState state, SchedulerProgram program)
    {
        State* kernel = program.State.Pointer;
        return state with
        {
            Mode = state.Attached ? ModeName(program.Control.Pointer->Asking, Volatile.Read(ref kernel->NrAlone) != 0) : "",
            DispatchLoops = program.Loops.Count,
            LeaseNs = (long)Volatile.Read(ref program.Control.Pointer->LeaseNs),
            SliceNs = (long)Volatile.Read(ref program.Control.Pointer->SliceMaxNs),
            PolicyFailure = _dispatch?.Failure ?? "",
            AutonomousCount = (long)kernel->NrAutonomous,
            ModeChanges = SelfKnowledge.ModeChanges(kernel, program.Loops.Count, MonotonicClock.NowNs),
        };
    }

    private SchedulerSnapshot WithCounters(SchedulerSnapshot snapshot, SchedulerProgram program)
    {
        State* state = program.State.Pointer;
        return snapshot with
        {
            RoundTrip = RoundTrip.From(state->RoundTrip),
            RoundTripBuckets = SelfKnowledge.RoundTripBuckets(state),
            Counters = Counters(program),
            OldestWaiting = snapshot.Attached ? SelfKnowledge.OldestWaiting(state, MonotonicClock.NowNs) : null,
            Classes = SelfKnowledge.Classes(program.Cpus),
            Branches = new Dictionary<string, long>
            {
                ["insert"] = state->BranchInsert,
                ["insert_vtime"] = state->BranchInsertVtime,
                ["move"] = state->BranchMove,
                ["move_to_local"] = state->BranchMoveToLocal,
            },
        };
    }

    private static string ModeName(AskingMode asking, bool alone) => asking switch
    {
        AskingMode.Kernel => "kernel",
        _ when alone => "autonomous",
        AskingMode.Strict => "strict",
        _ => "assist",
    };

    private Dictionary<string, long> Counters(SchedulerProgram program)
    {
        Dictionary<string, long> counters = SchedulerCounters.Sum(program.Cpus);
        counters[SchedulerCounters.LoopAllocatedBytes] = _dispatch?.AllocatedBytes ?? 0;
        counters[SchedulerCounters.ReturnedToAssist] = (long)program.State.Pointer->NrAssist;
        return counters;
    }
}
