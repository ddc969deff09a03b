using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The BPF scheduler, loaded into the kernel and fitted to it, with its shared memory.</summary>
internal sealed unsafe class SchedulerProgram : IDisposable
{
    private readonly void* _object;
    private CpuTopology _topology = null!;
    private void* _link;

    private SchedulerProgram(void* obj)
    {
        _object = obj;
    }

    public MappedMap<Control> Control { get; private set; } = null!;

    public MappedMap<State> State { get; private set; } = null!;

    public MappedMap<CpuState> Cpus { get; private set; } = null!;

    public MappedMap<ExitRecord> Exit { get; private set; } = null!;

    /// <summary>LLCs, then CPU sets.</summary>
    public MappedMap<Home> Homes { get; private set; } = null!;

    public MappedMap<Verdict> Verdicts { get; private set; } = null!;

    public RecordRing<Notice> Notices { get; private set; } = null!;

    /// <summary>Makes the scheduler fail; null where that is not allowed.</summary>
    public MappedMap<uint>? Fault { get; private set; }

    /// <summary>Descriptor of the map that holds the directives.</summary>
    public int DirectivesFd => FdOf("directives");

    /// <summary>Descriptor of the map that holds the directives of cgroups.</summary>
    public int CgroupDirectivesFd => FdOf("cgroup_directives");

    /// <summary>Descriptor of the program that applies a batch of verdicts.</summary>
    public int ApplyFd { get; private set; }

    /// <summary>Descriptor of the program that makes a CPU set's queues.</summary>
    public int DefineSetFd { get; private set; }

    /// <summary>Type information of the embedded object.</summary>
    public static BtfData ObjectBtf()
    {
        void* obj = Open();
        try
        {
            return BtfOf(obj);
        }
        finally
        {
            LibBpf.bpf_object__close(obj);
        }
    }

    /// <summary>Loads the scheduler. Nothing is scheduled by it before <see cref="Attach"/>.</summary>
    /// <exception cref="SchedulerUnavailableException">The kernel refused it.</exception>
    /// <param name="options">Its settings.</param>
    /// <param name="kernel">Type information of the running kernel.</param>
    /// <param name="verifier">Collects what verifying each program took; null when nobody wants to know.</param>
    public static SchedulerProgram Load(SchedulerOptions options, BtfData kernel, VerifierReport? verifier = null)
    {
        LibBpf.cox_log_capture(0);
        var program = new SchedulerProgram(Open());
        try
        {
            program.Fit(options, kernel);
            verifier?.Prepare(program._object);
            int error = LibBpf.bpf_object__load(program._object);
            if (error != 0)
            {
                throw new SchedulerUnavailableException($"The kernel refused to load the scheduler: {Describe(-error)}. {Tail(LibBpf.TakeLog())}");
            }
            verifier?.Collect();
            program.Map(options);
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Makes the kernel use the scheduler.</summary>
    /// <exception cref="SchedulerUnavailableException">The kernel refused, or ended it at once.</exception>
    public void Attach()
    {
        _link = LibBpf.bpf_map__attach_struct_ops(LibBpf.bpf_object__find_map_by_name(_object, "coxswain"));
        if (_link == null)
        {
            int errno = Marshal.GetLastPInvokeError();
            string fix = errno == 16 ? " Another sched_ext scheduler is attached: stop it first." : "";
            throw new SchedulerUnavailableException($"The kernel refused to attach the scheduler: {Describe(errno)}.{fix} {Tail(LibBpf.TakeLog())}");
        }
        // An error after the kernel's point of no return lets attach succeed: only state and exit record tell.
        if (SchedExtFiles.WaitForState(state => state == "enabled" || HasEnded, TimeSpan.FromSeconds(10)) && !HasEnded)
        {
            return;
        }
        SchedulerExit? exit = ReadExit();
        string state = SchedExtFiles.State;
        Detach();
        throw exit is null
            ? new SchedulerUnavailableException($"The scheduler was attached but the kernel's state is '{state}'.")
            : new SchedulerUnavailableException($"The kernel ended the scheduler at once: {exit.Reason} {exit.Message}") { Exit = exit };
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
        Notices?.Dispose();
        Verdicts?.Dispose();
        Homes?.Dispose();
        Exit?.Dispose();
        Cpus?.Dispose();
        State?.Dispose();
        Control?.Dispose();
        LibBpf.bpf_object__close(_object);
    }

    private static void* Open()
    {
        nuint size;
        void* bytes = LibBpf.cox_scheduler_object(&size);
        fixed (byte* name = "coxswain"u8)
        {
            var options = new LibBpf.OpenOptions { Size = (nuint)sizeof(LibBpf.OpenOptions), ObjectName = name };
            void* obj = LibBpf.bpf_object__open_mem(bytes, size, &options);
            return obj != null ? obj : throw new SchedulerUnavailableException(
                $"libbpf could not read the embedded scheduler: {Describe(Marshal.GetLastPInvokeError())}.");
        }
    }

    private static BtfData BtfOf(void* obj)
    {
        uint size;
        void* raw = LibBpf.btf__raw_data(LibBpf.bpf_object__btf(obj), &size);
        return new BtfData(new ReadOnlySpan<byte>(raw, (int)size).ToArray());
    }

    /// <summary>Constants, flags and callbacks as the running kernel has them.</summary>
    private void Fit(SchedulerOptions options, BtfData kernel)
    {
        BtfData own = BtfOf(_object);
        IReadOnlyDictionary<string, ulong> enumerators = kernel.Enumerators("SCX_");
        IReadOnlyDictionary<string, BtfMember> members = kernel.Members("sched_ext_ops")
            ?? throw new SchedulerUnavailableException("This kernel has no sched_ext (CONFIG_SCHED_CLASS_EXT is not set).");

        IReadOnlyDictionary<string, BtfMember> constants = own.Variables(".rodata");
        Span<byte> rodata = InitialValue(".rodata");
        foreach ((string name, BtfMember variable) in constants)
        {
            if (name.StartsWith("scx_", StringComparison.Ordinal))
            {
                // An enumerator that this kernel does not have is 0: a flag that is never set.
                BinaryPrimitives.WriteUInt64LittleEndian(rodata[variable.Offset..], enumerators.GetValueOrDefault(name.ToUpperInvariant()));
            }
        }
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["self_tgid"].Offset..], Environment.ProcessId);
        _topology = CpuTopology.Read();
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_cpu_ids"].Offset..], _topology.CpuIds);
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_llcs"].Offset..], _topology.Llcs.Count);
        // A throttled task still has to wait its turn after this, and the watchdog counts all of it.
        BinaryPrimitives.WriteInt64LittleEndian(rodata[constants["throttle_bound_ns"].Offset..], options.WatchdogMs * 1_000_000L * 2 / 5);
        rodata[constants["faults_allowed"].Offset] = options.AllowFaults ? (byte)1 : (byte)0;

        Span<byte> ops = InitialValue("coxswain");
        foreach ((string name, BtfMember member) in own.Members("sched_ext_ops")!)
        {
            if (!members.ContainsKey(name))
            {
                ops.Slice(member.Offset, member.Size).Clear();
                void* callback = LibBpf.bpf_object__find_program_by_name(_object, "cox_" + name);
                if (callback != null)
                {
                    _ = LibBpf.bpf_program__set_autoload(callback, false);
                }
                continue;
            }
            switch (name)
            {
                case "flags":
                    // SCX_OPS_ENQ_LAST: a task that may not go on where it runs is queued again, also when nothing else wants that CPU.
                    BinaryPrimitives.WriteUInt64LittleEndian(ops[member.Offset..],
                        enumerators.GetValueOrDefault("SCX_OPS_ALLOW_QUEUED_WAKEUP") | enumerators.GetValueOrDefault("SCX_OPS_ENQ_LAST") |
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
        _ = LibBpf.bpf_map__set_max_entries(LibBpf.bpf_object__find_map_by_name(_object, "notices"), options.NoticeRingBytes);
    }

    private void Map(SchedulerOptions options)
    {
        // libbpf's own pointers to these maps are copies from before the load: only what is mapped here is live.
        Control = new MappedMap<Control>(FdOf(".bss.control"));
        State = new MappedMap<State>(FdOf(".bss.state"));
        Cpus = new MappedMap<CpuState>(FdOf(".bss.cpus"), CpuState.Max);
        Exit = new MappedMap<ExitRecord>(FdOf(".bss.exit"));
        Verdicts = new MappedMap<Verdict>(FdOf(".bss.verdicts"), Batch.Max);
        Homes = new MappedMap<Home>(FdOf(".bss.homes"), Home.Max);
        _topology.WriteTo(Homes, Cpus);
        Notices = new RecordRing<Notice>(FdOf("notices"), options.NoticeRingBytes);
        Fault = options.AllowFaults ? new MappedMap<uint>(FdOf(".bss.fault")) : null;
        ApplyFd = LibBpf.bpf_program__fd(LibBpf.bpf_object__find_program_by_name(_object, "apply_verdicts"));
        DefineSetFd = LibBpf.bpf_program__fd(LibBpf.bpf_object__find_program_by_name(_object, "define_set"));
        Control.Pointer->Asking = options.Mode;
        Control.Pointer->LeaseNs = (ulong)(options.Mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : options.LeaseNs);
        Control.Pointer->StaleNs = (ulong)options.StaleNs;
        Control.Pointer->SliceMaxNs = (ulong)options.SliceNs;
        Control.Pointer->SliceMinNs = (ulong)options.SliceMinNs;
    }

    /// <summary>The CPUs of this machine, as the scheduler knows them.</summary>
    public CpuTopology Topology => _topology;

    private Span<byte> InitialValue(string map)
    {
        nuint size;
        void* value = LibBpf.bpf_map__initial_value(LibBpf.bpf_object__find_map_by_name(_object, map), &size);
        return new Span<byte>(value, (int)size);
    }

    private int FdOf(string name) => LibBpf.bpf_map__fd(LibBpf.bpf_object__find_map_by_name(_object, name));

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static string Describe(int errno) => errno switch
    {
        1 => "not permitted (EPERM): it takes root, or CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN; kernel lockdown forbids it as well",
        524 => "not supported (524): the BPF JIT is off; set net.core.bpf_jit_enable=1",
        _ => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})",
    };

    /// <summary>The end of the verifier's log is where it says what is wrong.</summary>
    private static string Tail(string log) => log.Length <= 2000 ? log : "…" + log[^2000..];
}
