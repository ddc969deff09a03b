using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>Our scheduler in the running kernel.</summary>
/// <remarks>
/// Start and stop belong to one thread; <see cref="Snapshot"/> may be called by any. When the process dies, in
/// whatever way, the kernel takes scheduling back by itself.
/// </remarks>
public sealed unsafe class Scheduler(SchedulerOptions options) : IScheduler, IDisposable
{
    private readonly Lock _lock = new();
    private SchedulerProgram? _program;
    private DispatchThread? _dispatch;
    private DirectiveStore? _directives;
    private DateTimeOffset? _attachedSince;
    private SchedulerExit? _lastExit;
    private Dictionary<string, long> _lastCounters = [];
    private string _reason = "The scheduler has not been started.";

    /// <inheritdoc/>
    public IDirectiveStore Directives => _directives ?? throw new SchedulerUnavailableException(_reason);

    /// <summary>Loads and attaches the scheduler. On failure nothing has changed, and <see cref="Snapshot"/> tells the reason too.</summary>
    /// <exception cref="SchedulerUnavailableException">It cannot run here; the message says why, and what to do.</exception>
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

    /// <summary>Gives scheduling back to the kernel. No effect when not started.</summary>
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
    public SchedulerSnapshot Snapshot()
    {
        lock (_lock)
        {
            string state = SchedExtFiles.State;
            SchedulerExit? exit = _program?.ReadExit() ?? _lastExit;
            bool attached = _program is not null && _program.ReadExit() is null && state == "enabled";
            var snapshot = new SchedulerSnapshot
            {
                Attached = attached,
                KernelState = state,
                OpsName = SchedExtFiles.OpsName,
                Reason = attached ? "" : _program is null || exit is null ? _reason : $"The kernel ended the scheduler: {exit.Reason} {exit.Message}".TrimEnd(),
                Policy = options.Policy,
                LeaseNs = options.LeaseNs,
                SliceNs = options.SliceNs,
                AttachedSince = attached ? _attachedSince : null,
                KernelRelease = KernelRelease.Text,
                Cpus = Environment.ProcessorCount,
                LastExit = exit,
            };
            return _program is null ? snapshot with { Counters = _lastCounters } : WithCounters(snapshot, _program, attached);
        }
    }

    /// <summary>Changes the lease at run time.</summary>
    /// <param name="leaseNs">0 to 20 ms, in ns.</param>
    public void SetLease(long leaseNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaseNs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leaseNs, SchedulerOptions.LeaseMaxNs);
        lock (_lock)
        {
            options = options with { LeaseNs = leaseNs };
            if (_program is not null)
            {
                Volatile.Write(ref _program.Control.Pointer->LeaseNs, (ulong)leaseNs);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    /// <summary>For tests that write to the kernel what the loop would.</summary>
    internal SchedulerProgram? Program => _program;

    private void Attach()
    {
        DoctorReport report = new Doctor().Examine();
        if (report.Obstacle is { } obstacle)
        {
            throw new SchedulerUnavailableException($"{obstacle.Detail} {obstacle.Fix}".TrimEnd());
        }
        // Until we are attached we compete under the kernel's own scheduler with whatever made the user call us.
        int nice = LibC.getpriority(0, 0);
        _ = LibC.setpriority(0, 0, -20);
        try
        {
            _program = SchedulerProgram.Load(options, BtfData.OfKernel()!);
            _dispatch = DispatchThread.Start(_program, options.Policy);
            LockMemory();
            _program.Attach();
        }
        finally
        {
            _ = LibC.setpriority(0, 0, nice);
        }
        _directives = new DirectiveStore(_program);
        _attachedSince = DateTimeOffset.UtcNow;
        _lastExit = null;
        _reason = "";
    }

    private void Release()
    {
        _directives = null;
        if (_program is { } program)
        {
            program.Detach();
            // After the last task has left: only now do the counters add up exactly.
            _lastExit = program.ReadExit() ?? _lastExit;
            _lastCounters = Counters(program);
        }
        _dispatch?.Dispose();
        _dispatch = null;
        _program?.Dispose();
        _program = null;
        _attachedSince = null;
    }

    private static void LockMemory()
    {
        // What is there now is brought in and stays; what comes later stays from its first use on. Asking for all of
        // the future at once would fill 8 MB of stack for every thread.
        // A refusal (no CAP_IPC_LOCK) is no obstacle: a page fault of the loop is bridged by the kernel side.
        _ = LibC.mlockall(LibC.MclCurrent);
        _ = LibC.mlockall(LibC.MclFuture | LibC.MclOnFault);
    }

    private SchedulerSnapshot WithCounters(SchedulerSnapshot snapshot, SchedulerProgram program, bool attached)
    {
        State* state = program.State.Pointer;
        return snapshot with
        {
            Mode = !attached ? "" : state->Mode == Mode.Assist ? "assist" : "autonomous",
            AutonomousCount = (long)state->NrAutonomous,
            Counters = Counters(program),
            Branches = new Dictionary<string, long>
            {
                ["insert"] = state->BranchInsert,
                ["insert_vtime"] = state->BranchInsertVtime,
                ["move"] = state->BranchMove,
                ["move_to_local"] = state->BranchMoveToLocal,
            },
        };
    }

    private Dictionary<string, long> Counters(SchedulerProgram program)
    {
        Dictionary<string, long> counters = SchedulerCounters.Sum(program.Cpus);
        counters["loop_allocated_bytes"] = _dispatch?.AllocatedBytes ?? 0;
        counters["returned_to_assist"] = (long)program.State.Pointer->NrAssist;
        return counters;
    }
}
