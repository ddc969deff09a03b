using System.Buffers.Binary;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The BPF scheduler, loaded into the kernel and fitted to it, with its shared memory.</summary>
internal sealed unsafe class SchedulerProgram : IDisposable
{
    private readonly BpfObject _object;
    private readonly List<RecordRing<Notice>> _notices = [];
    private CpuTopology _topology = null!;
    private void* _link;

    private SchedulerProgram(BpfObject obj) => _object = obj;


    public MappedMap<Control> Control { get; private set; } = null!;

    public MappedMap<State> State { get; private set; } = null!;

    public MappedMap<CpuState> Cpus { get; private set; } = null!;

    public MappedMap<ExitRecord> Exit { get; private set; } = null!;

    /// <summary>LLCs, then CPU sets.</summary>
    public MappedMap<Home> Homes { get; private set; } = null!;

    /// <summary><see cref="Batch.Max"/> for each dispatch loop.</summary>
    public MappedMap<Verdict> Verdicts { get; private set; } = null!;

    public MappedMap<LoopState> LoopStates { get; private set; } = null!;

    /// <summary>Which dispatch loop serves which LLC.</summary>
    public LoopPlan Loops { get; private set; } = null!;

    /// <summary>By dispatch loop.</summary>
    public IReadOnlyList<RecordRing<Notice>> Notices => _notices;

    /// <summary>Makes the scheduler fail; null where that is not allowed.</summary>
    public MappedMap<uint>? Fault { get; private set; }

    /// <summary>Descriptor of the map that holds the directives.</summary>
    public int DirectivesFd => _object.FdOf("directives");

    /// <summary>Descriptor of the map that holds the directives of cgroups.</summary>
    public int CgroupDirectivesFd => _object.FdOf("cgroup_directives");

    /// <summary>Descriptor of the program that applies a batch of verdicts.</summary>
    public int ApplyFd { get; private set; }

    /// <summary>Descriptor of the program that makes a CPU set's queues.</summary>
    public int DefineSetFd { get; private set; }

    /// <summary>Type information of the embedded object.</summary>
    public static BtfData ObjectBtf()
    {
        using BpfObject obj = BpfObject.OpenScheduler();
        return obj.Btf;
    }

    /// <summary>Loads the scheduler. Nothing is scheduled by it before <see cref="Attach"/>.</summary>
    /// <exception cref="SchedulerUnavailableException">The kernel refused it.</exception>
    /// <param name="options">Its settings.</param>
    /// <param name="kernel">Type information of the running kernel.</param>
    /// <param name="verifier">Collects what verifying each program took; null when nobody wants to know.</param>
    public static SchedulerProgram Load(SchedulerOptions options, BtfData kernel, VerifierReport? verifier = null)
    {
        SchedulerProgram? program = null;
        try
        {
            program = new SchedulerProgram(BpfObject.OpenScheduler());
            program.Fit(options, kernel);
            program._object.Load(verifier);
            program.Map(options);
            return program;
        }
        catch (BpfRefusedException e)
        {
            program?.Dispose();
            throw new SchedulerUnavailableException(e.Message);
        }
        catch
        {
            program?.Dispose();
            throw;
        }
    }

    /// <summary>Makes the kernel use the scheduler.</summary>
    /// <exception cref="SchedulerUnavailableException">The kernel refused, or ended it at once.</exception>
    public void Attach()
    {
        try
        {
            AttachOps();
        }
        catch (BpfRefusedException e)
        {
            throw new SchedulerUnavailableException(e.Errno == BpfRefusedException.Busy ? $"Another sched_ext scheduler is attached: stop it first. {e.Message}" : e.Message);
        }
        // An error after the kernel's point of no return lets attach succeed: only state and exit record tell.
        if (SchedExtFiles.WaitForState(state => state == "enabled" || HasEnded, TimeSpan.FromSeconds(10)) && !HasEnded)
        {
            return;
        }
        SchedulerExit? exit = ReadExit();
        string state = SchedExtFiles.State;
        Detach();
        TaskMaps.Keep(_object);
        throw exit is null
            ? new SchedulerUnavailableException($"The scheduler was attached but the kernel's state is '{state}'.")
            : new SchedulerUnavailableException($"The kernel ended the scheduler at once: {exit.Reason} {exit.Message}") { Exit = exit };
    }

    private void AttachOps()
    {
        if (!RealTimePriority.IsNeeded(KernelRelease.Text))
        {
            _link = _object.AttachOps("coxswain");
            return;
        }
        using var priority = RealTimePriority.Take();
        _link = _object.AttachOps("coxswain");
    }

    /// <summary>Gives scheduling back to the kernel and waits until it has taken it.</summary>
    public void Detach()
    {
        if (_link == null)
        {
            return;
        }
        bool endedBefore = HasEnded;
        _ = LibBpf.bpf_link__destroy(_link);
        _link = null;
        // Where the kernel had ended ours already, "enabled" is another's.
        _ = SchedExtFiles.WaitForState(
            state => state is "disabled" or SchedExtFiles.Absent || (endedBefore && state is "enabled" or "enabling"), TimeSpan.FromSeconds(10));
    }

    private bool HasEnded => Volatile.Read(ref Exit.Pointer->Kind) != 0;

    /// <summary>Why the scheduler ended; null as long as it has not.</summary>
    public SchedulerExit? ReadExit()
    {
        ExitRecord* record = Exit.Pointer;
        int kind = Volatile.Read(ref record->Kind);
        return kind == 0 ? null : new SchedulerExit(kind, record->Code,
            Text(record->Reason), Text(record->Message), Text(record->Dump));
    }

    public void Dispose()
    {
        Detach();
        Fault?.Dispose();
        foreach (RecordRing<Notice> ring in _notices)
        {
            ring.Dispose();
            _ = LibC.close(ring.Fd);
        }
        LoopStates?.Dispose();
        Verdicts?.Dispose();
        Homes?.Dispose();
        Exit?.Dispose();
        Cpus?.Dispose();
        State?.Dispose();
        Control?.Dispose();
        _object.Dispose();
    }

    /// <summary>Constants, flags and callbacks as the running kernel has them.</summary>
    private void Fit(SchedulerOptions options, BtfData kernel)
    {
        using BtfData own = _object.Btf;
        IReadOnlyDictionary<string, ulong> enumerators = kernel.Enumerators("SCX_");
        IReadOnlyDictionary<string, BtfMember> members = kernel.Members("sched_ext_ops")
            ?? throw new SchedulerUnavailableException("This kernel has no sched_ext (CONFIG_SCHED_CLASS_EXT is not set).");

        IReadOnlyDictionary<string, BtfMember> constants = own.Variables(".rodata");
        Span<byte> rodata = _object.InitialValue(".rodata");
        foreach ((string name, BtfMember variable) in constants)
        {
            if (name.StartsWith("scx_", StringComparison.Ordinal))
            {
                // An enumerator that this kernel does not have is 0: a flag that is never set.
                BinaryPrimitives.WriteUInt64LittleEndian(rodata[variable.Offset..], enumerators.GetValueOrDefault(name.ToUpperInvariant()));
            }
        }
        _topology = CpuTopology.Read();
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_cpu_ids"].Offset..], _topology.CpuIds);
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_llcs"].Offset..], _topology.Llcs.Count);
        Loops = new LoopPlan(_topology.Llcs, options.DispatchLoops, options.NoticeRingBytes);
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_loops"].Offset..], Loops.Count);
        // A throttled task still has to wait its turn after this, and the watchdog counts all of it.
        BinaryPrimitives.WriteInt64LittleEndian(rodata[constants["throttle_bound_ns"].Offset..], options.WatchdogMs * 1_000_000L * 2 / 5);
        BinaryPrimitives.WriteInt64LittleEndian(rodata[constants["watchdog_round_ns"].Offset..], options.WatchdogMs * 1_000_000L / 2);
        rodata[constants["faults_allowed"].Offset] = options.AllowFaults ? (byte)1 : (byte)0;

        Span<byte> ops = _object.InitialValue("coxswain");
        foreach ((string name, BtfMember member) in own.Members("sched_ext_ops")!)
        {
            if (!members.ContainsKey(name))
            {
                ops.Slice(member.Offset, member.Size).Clear();
                _object.LeaveOut("cox_" + name);
                continue;
            }
            switch (name)
            {
                case "flags":
                    // ENQ_LAST: a task that may not go on where it runs is queued again, also when nothing else wants that CPU.
                    // ENQ_EXITING, ENQ_MIGRATION_DISABLED: else the kernel puts tasks that end, or lose their CPU where they may
                    // not migrate, into their CPU's local queue itself. With two of these a CPU has always somebody there and
                    // never calls dispatch: all others starve.
                    BinaryPrimitives.WriteUInt64LittleEndian(ops[member.Offset..],
                        enumerators.GetValueOrDefault("SCX_OPS_ALLOW_QUEUED_WAKEUP") | enumerators.GetValueOrDefault("SCX_OPS_ENQ_LAST") |
                        enumerators.GetValueOrDefault("SCX_OPS_ENQ_EXITING") | enumerators.GetValueOrDefault("SCX_OPS_ENQ_MIGRATION_DISABLED") |
                        (options.OnlyExtTasks ? enumerators.GetValueOrDefault("SCX_OPS_SWITCH_PARTIAL") : 0));
                    break;
                case "timeout_ms":
                    BinaryPrimitives.WriteInt32LittleEndian(ops[member.Offset..], options.WatchdogMs);
                    break;
                case "exit_dump_len":
                    BinaryPrimitives.WriteInt32LittleEndian(ops[member.Offset..], sizeof(ExitRecord.DumpText));
                    break;
                case "hotplug_seq":
                    // If a CPU came or went since, the kernel refuses, and the number of CPUs above is read anew.
                    BinaryPrimitives.WriteUInt64LittleEndian(ops[member.Offset..], SchedExtFiles.HotplugSequence);
                    break;
            }
        }
    }

    private void Map(SchedulerOptions options)
    {
        // libbpf's own pointers to these maps are copies from before the load: only what is mapped here is live.
        Control = new MappedMap<Control>(_object.FdOf(".bss.control"));
        State = new MappedMap<State>(_object.FdOf(".bss.state"));
        Cpus = new MappedMap<CpuState>(_object.FdOf(".bss.cpus"), CpuState.Max);
        Exit = new MappedMap<ExitRecord>(_object.FdOf(".bss.exit"));
        Verdicts = new MappedMap<Verdict>(_object.FdOf(".bss.verdicts"), Loops.Count * Batch.Max);
        LoopStates = new MappedMap<LoopState>(_object.FdOf(".bss.loops"), Loops.Count);
        Homes = new MappedMap<Home>(_object.FdOf(".bss.homes"), Home.Max);
        _topology.WriteTo(Homes, Cpus, Loops);
        for (int loop = 0; loop < Loops.Count; loop++)
        {
            _notices.Add(MakeRing(loop));
        }
        Fault = options.AllowFaults ? new MappedMap<uint>(_object.FdOf(".bss.fault")) : null;
        ApplyFd = _object.FdOfProgram("apply_verdicts");
        DefineSetFd = _object.FdOfProgram("define_set");
        Control.Pointer->Asking = options.Mode;
        Control.Pointer->LeaseNs = (ulong)(options.Mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : options.LeaseNs);
        Control.Pointer->StaleNs = (ulong)options.StaleNs;
        Control.Pointer->SliceMaxNs = (ulong)options.SliceNs;
        Control.Pointer->SliceMinNs = (ulong)options.SliceMinNs;
    }

    private RecordRing<Notice> MakeRing(int loop)
    {
        const int RingBuffer = 27; // BPF_MAP_TYPE_RINGBUF
        int fd = LibBpf.bpf_map_create(RingBuffer, "cox_notices", 0, 0, Loops.RingBytes, null);
        if (fd < 0)
        {
            throw new BpfRefusedException("make a ring for notices", -fd, "");
        }
        int error = LibBpf.bpf_map_update_elem(_object.FdOf("notices"), &loop, &fd, 0);
        if (error != 0)
        {
            _ = LibC.close(fd);
            throw new BpfRefusedException("hand over a ring for notices", -error, "");
        }
        return new RecordRing<Notice>(fd, Loops.RingBytes);
    }

    /// <summary>The CPUs of this machine, as the scheduler knows them.</summary>
    public CpuTopology Topology => _topology;

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
