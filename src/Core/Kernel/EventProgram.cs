using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The programs of events.bpf.c, loaded and attached, with their shared memory.</summary>
internal sealed unsafe class EventProgram : IDisposable
{
    /// <summary>Size of the ring, as in events.h.</summary>
    public const uint RingBytes = 1 << 20;

    private readonly void* _object;
    private readonly List<nint> _links = [];

    private EventProgram(void* obj) => _object = obj;

    public RecordRing<TaskEventRecord> Events { get; private set; } = null!;

    public MappedMap<EventControl> Control { get; private set; } = null!;

    public MappedMap<EventState> State { get; private set; } = null!;

    /// <summary>Type information of the embedded object.</summary>
    public static BtfData ObjectBtf()
    {
        void* obj = Open();
        try
        {
            uint size;
            void* raw = LibBpf.btf__raw_data(LibBpf.bpf_object__btf(obj), &size);
            return new BtfData(new ReadOnlySpan<byte>(raw, (int)size).ToArray());
        }
        finally
        {
            LibBpf.bpf_object__close(obj);
        }
    }

    /// <summary>Loads and attaches them.</summary>
    /// <exception cref="TaskEventsUnavailableException">This kernel, or this user, cannot.</exception>
    public static EventProgram Start()
    {
        if (!File.Exists("/sys/kernel/btf/vmlinux"))
        {
            throw new TaskEventsUnavailableException("this kernel has no type information (CONFIG_DEBUG_INFO_BTF is not set)");
        }

        LibBpf.cox_log_capture(0);
        var program = new EventProgram(Open());
        try
        {
            program.Load();
            return program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (nint link in _links)
        {
            _ = LibBpf.bpf_link__destroy((void*)link);
        }

        Events?.Dispose();
        Control?.Dispose();
        State?.Dispose();
        LibBpf.bpf_object__close(_object);
    }

    private void Load()
    {
        int error = -LibBpf.bpf_object__load(_object);
        if (error != 0)
        {
            throw Refused("load", error);
        }

        for (void* program = LibBpf.bpf_object__next_program(_object, null); program != null; program = LibBpf.bpf_object__next_program(_object, program))
        {
            void* link = LibBpf.bpf_program__attach(program);
            if (link == null)
            {
                throw Refused("attach", Marshal.GetLastPInvokeError());
            }

            _links.Add((nint)link);
        }

        Control = new MappedMap<EventControl>(FdOf(".bss.event_control"));
        State = new MappedMap<EventState>(FdOf(".bss.event_state"));
        Events = new RecordRing<TaskEventRecord>(FdOf("events"), RingBytes);
    }

    private static TaskEventsUnavailableException Refused(string what, int errno)
    {
        const int notPermitted = 1;
        string log = LibBpf.TakeLog().Trim();
        string last = log[(log.LastIndexOf('\n') + 1)..];
        return new TaskEventsUnavailableException(errno == notPermitted
            ? "not permitted (EPERM): it takes root, or CAP_BPF and CAP_PERFMON"
            : $"the kernel did not {what} the programs: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}). {last}".TrimEnd());
    }

    private static void* Open()
    {
        nuint size;
        void* bytes = LibBpf.cox_events_object(&size);
        fixed (byte* name = "cox_events"u8)
        {
            var options = new LibBpf.OpenOptions { Size = (nuint)sizeof(LibBpf.OpenOptions), ObjectName = name };
            void* obj = LibBpf.bpf_object__open_mem(bytes, size, &options);
            return obj != null ? obj : throw new TaskEventsUnavailableException(
                $"libbpf could not read the embedded programs: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    private int FdOf(string name) => LibBpf.bpf_map__fd(LibBpf.bpf_object__find_map_by_name(_object, name));
}
