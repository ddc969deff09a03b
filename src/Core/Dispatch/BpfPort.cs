using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>The real kernel: rings and counters in shared memory, one system call per batch of verdicts.</summary>
internal sealed unsafe class BpfPort : IKernelPort, IDisposable
{
    /// <summary>A heartbeat that nobody waits for; it bounds how long a lost wake-up could be noticed late.</summary>
    private const int IdleWaitMs = 1000;

    /// <summary>In autonomous mode no notice wakes us: beat until the kernel side asks again.</summary>
    private const int ReturnWaitMs = 1;

    private readonly SchedulerProgram _program;
    private readonly Control* _control;
    private readonly State* _state;
    private readonly int _cpuIds = CpuList.PossibleIds();
    private readonly int _stopFd;
    private volatile bool _stopping;

    public BpfPort(SchedulerProgram program)
    {
        _program = program;
        _control = program.Control.Pointer;
        _state = program.State.Pointer;
        Verdicts = program.Verdicts.Pointer;
        _stopFd = LibC.eventfd(0, 0);
    }

    public Verdict* Verdicts { get; }

    public int VerdictCapacity => Batch.Max;

    /// <summary>True once the loop is to end.</summary>
    public bool Stopping => _stopping;

    public Notice* NextNotice() => _program.Notices.Next();

    public void EndRead(ulong startedNs)
    {
        _program.Notices.Release();
        Volatile.Write(ref _control->HeartbeatNs, startedNs);
        Volatile.Write(ref _control->HeartbeatCount, _control->HeartbeatCount + 1);
    }

    public void Apply(int count)
    {
        Batch batch = new() { Count = (uint)count };
        LibBpf.TestRunOptions options = default;
        options.Size = (nuint)sizeof(LibBpf.TestRunOptions);
        options.ContextIn = &batch;
        options.ContextSizeIn = (uint)sizeof(Batch);
        // A batch that the kernel does not take is no loss: its tasks are parked, and taken at the end of the lease.
        _ = LibBpf.bpf_prog_test_run_opts(_program.ApplyFd, &options);
    }

    public void Refresh(ref DispatchContext context)
    {
        context.NowNs = MonotonicClock.NowNs;
        context.VtimeNow = Volatile.Read(ref _state->VtimeNow);
        context.SliceMaxNs = Volatile.Read(ref _control->SliceMaxNs);
        context.SliceMinNs = Volatile.Read(ref _control->SliceMinNs);
        context.Cpus = Environment.ProcessorCount;
        context.CpuIds = _cpuIds;
        context.CpuStates = _program.Cpus.Pointer;
    }

    /// <summary>Blocks until there may be notices, or <see cref="Stopping"/>; returns at once if there are.</summary>
    public void Wait()
    {
        Volatile.Write(ref _control->Sleeping, 1);
        Interlocked.MemoryBarrier(); // the kernel sees Sleeping, or we see its notice
        if (!_program.Notices.HasMore && !_stopping)
        {
            bool autonomous = Volatile.Read(ref *(uint*)&_state->Mode) == (uint)Mode.Autonomous;
            LibC.PollFd* fds = stackalloc LibC.PollFd[2];
            fds[0] = new LibC.PollFd { Fd = _program.Notices.Fd, Events = LibC.PollIn };
            fds[1] = new LibC.PollFd { Fd = _stopFd, Events = LibC.PollIn };
            _ = LibC.poll(fds, 2, autonomous ? ReturnWaitMs : IdleWaitMs);
        }
        Volatile.Write(ref _control->Sleeping, 0);
    }

    /// <summary>Tells the kernel side not to ask any more.</summary>
    public void GiveUp() => Volatile.Write(ref *(uint*)&_control->Asking, (uint)AskingMode.Kernel);

    /// <summary>Makes the loop end. Any thread.</summary>
    public void Stop()
    {
        _stopping = true;
        ulong one = 1;
        _ = LibC.write(_stopFd, &one, sizeof(ulong));
    }

    public void Dispose() => _ = LibC.close(_stopFd);
}
