using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>The BPF observer, loaded into the kernel, with its shared memory.</summary>
internal sealed unsafe class ObserverProgram : IDisposable
{
    private readonly void* _object;
    private readonly List<nint> _links = [];

    private ObserverProgram(void* obj) => _object = obj;

    /// <summary>The table of threads.</summary>
    public MappedMap<TaskRecord> Tasks { get; private set; } = null!;

    /// <summary>Their waiting times, by the same numbers.</summary>
    public MappedMap<HistogramRecord> Histograms { get; private set; } = null!;

    public MappedMap<CpuRecord> Cpus { get; private set; } = null!;

    /// <summary>Descriptor of the map of who delayed whom.</summary>
    public int DelaysFd { get; private set; }

    /// <summary>Descriptor of the map of who woke whom.</summary>
    public int WakesFd { get; private set; }

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

    /// <summary>Loads it; nothing is observed before <see cref="Attach"/>.</summary>
    /// <param name="slots">For how many threads.</param>
    /// <param name="topology">The CPUs.</param>
    /// <exception cref="ObserverUnavailableException">The kernel refused it.</exception>
    public static ObserverProgram Load(int slots, CpuTopology topology)
    {
        LibBpf.cox_log_capture(0);
        var program = new ObserverProgram(Open());
        try
        {
            BtfData own = BtfOf(program._object);
            IReadOnlyDictionary<string, BtfMember> constants = own.Variables(".rodata");
            BinaryPrimitives.WriteInt32LittleEndian(program.InitialValue(".rodata")[constants["nr_slots"].Offset..], slots);
            BinaryPrimitives.WriteInt64LittleEndian(program.InitialValue(".rodata")[constants["slots_reciprocal"].Offset..], (1L << 40) / slots + 1);
            _ = LibBpf.bpf_map__set_max_entries(program.Map("tasks"), (uint)slots);
            _ = LibBpf.bpf_map__set_max_entries(program.Map("histograms"), (uint)slots);
            int error = LibBpf.bpf_object__load(program._object);
            if (error != 0)
            {
                throw new ObserverUnavailableException($"The kernel refused to load the observer: {Describe(-error)}. {Tail(LibBpf.TakeLog())}");
            }
            program.Tasks = new MappedMap<TaskRecord>(program.FdOf("tasks"), slots);
            program.Histograms = new MappedMap<HistogramRecord>(program.FdOf("histograms"), slots);
            program.Cpus = new MappedMap<CpuRecord>(program.FdOf(".bss.cpus"), CpuRecord.Max);
            program.DelaysFd = program.FdOf("delays");
            program.WakesFd = program.FdOf("wakes");
            program.Describe(topology);
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Begins to observe.</summary>
    /// <exception cref="ObserverUnavailableException">The kernel refused.</exception>
    public void Attach()
    {
        for (void* program = LibBpf.bpf_object__next_program(_object, null); program != null; program = LibBpf.bpf_object__next_program(_object, program))
        {
            void* link = LibBpf.bpf_program__attach(program);
            if (link == null)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw new ObserverUnavailableException(
                    $"The kernel refused to attach {Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__name(program))}: {Describe(errno)}. {Tail(LibBpf.TakeLog())}");
            }
            _links.Add((nint)link);
        }
    }

    public void Dispose()
    {
        foreach (nint link in _links)
        {
            _ = LibBpf.bpf_link__destroy((void*)link);
        }
        _links.Clear();
        Cpus?.Dispose();
        Histograms?.Dispose();
        Tasks?.Dispose();
        LibBpf.bpf_object__close(_object);
    }

    private void Describe(CpuTopology topology)
    {
        for (int cpu = 0; cpu < Cpus.Count; cpu++)
        {
            Cpus.Pointer[cpu].CurrentSlot = PairRecord.Nobody;
            Cpus.Pointer[cpu].Core = (uint)cpu;
        }
        for (int llc = 0; llc < topology.Llcs.Count; llc++)
        {
            foreach (int cpu in topology.Llcs[llc].Cpus)
            {
                Cpus.Pointer[cpu].Llc = (uint)llc;
                Cpus.Pointer[cpu].Core = (uint)CpuTopology.FirstOfCore(cpu);
            }
        }
    }

    private static void* Open()
    {
        nuint size;
        void* bytes = LibBpf.cox_observer_object(&size);
        fixed (byte* name = "cox_observer"u8)
        {
            var options = new LibBpf.OpenOptions { Size = (nuint)sizeof(LibBpf.OpenOptions), ObjectName = name };
            void* obj = LibBpf.bpf_object__open_mem(bytes, size, &options);
            return obj != null ? obj : throw new ObserverUnavailableException(
                $"libbpf could not read the embedded observer: {Describe(Marshal.GetLastPInvokeError())}.");
        }
    }

    private static BtfData BtfOf(void* obj)
    {
        uint size;
        void* raw = LibBpf.btf__raw_data(LibBpf.bpf_object__btf(obj), &size);
        return new BtfData(new ReadOnlySpan<byte>(raw, (int)size).ToArray());
    }

    private Span<byte> InitialValue(string map)
    {
        nuint size;
        void* value = LibBpf.bpf_map__initial_value(Map(map), &size);
        return new Span<byte>(value, (int)size);
    }

    private void* Map(string name) => LibBpf.bpf_object__find_map_by_name(_object, name);

    private int FdOf(string name) => LibBpf.bpf_map__fd(Map(name));

    private static string Describe(int errno) => errno switch
    {
        1 => "not permitted (EPERM): it takes root, or CAP_BPF and CAP_PERFMON; kernel lockdown forbids it as well",
        2 => "no such file (ENOENT): the kernel has no type information (CONFIG_DEBUG_INFO_BTF)",
        3 => "no such event (ESRCH): the kernel has no type information (CONFIG_DEBUG_INFO_BTF), or is older than 5.15",
        524 => "not supported (524): the BPF JIT is off; set net.core.bpf_jit_enable=1",
        _ => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})",
    };

    /// <summary>The end of the log is where it says what is wrong.</summary>
    private static string Tail(string log) => log.Length <= 1000 ? log : "…" + log[^1000..];
}
