using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Btf;

namespace Coxswain.Core.Kernel;

/// <summary>One of the BPF objects embedded in the native library, with its maps and programs by name.</summary>
internal sealed unsafe class BpfObject : IDisposable
{
    // enum bpf_map_type of the kernel's include/uapi/linux/bpf.h.
    private const uint TaskStorage = 29;
    private const uint CgroupStorage = 32;

    private const int MaxLogLength = 2000;

    private readonly void* _object;
    private readonly List<nint> _links = [];

    private BpfObject(void* obj) => _object = obj;

    /// <summary>Its type information, a copy.</summary>
    public BtfData Btf
    {
        get
        {
            uint size;
            void* raw = LibBpf.btf__raw_data(LibBpf.bpf_object__btf(_object), &size);
            return new BtfData(new ReadOnlySpan<byte>(raw, (int)size));
        }
    }

    /// <summary>The scheduler of bpf/scheduler.bpf.c.</summary>
    /// <exception cref="BpfRefusedException">libbpf cannot read it.</exception>
    public static BpfObject OpenScheduler() => Open(&LibBpf.cox_scheduler_object, "coxswain"u8);

    /// <summary>The events of bpf/events.bpf.c.</summary>
    /// <exception cref="BpfRefusedException">libbpf cannot read it.</exception>
    public static BpfObject OpenEvents() => Open(&LibBpf.cox_events_object, "cox_events"u8);

    /// <summary>The observer of bpf/observer.bpf.c.</summary>
    /// <exception cref="BpfRefusedException">libbpf cannot read it.</exception>
    public static BpfObject OpenObserver() => Open(&LibBpf.cox_observer_object, "cox_observer"u8);

    /// <summary>Loads it into the kernel.</summary>
    /// <param name="verifier">Collects what verifying each program took; null when nobody wants to know.</param>
    /// <exception cref="BpfRefusedException">The kernel refused it.</exception>
    public void Load(VerifierReport? verifier = null)
    {
        LibBpf.cox_log_capture(0);
        verifier?.Prepare(_object);
        int error = -LibBpf.bpf_object__load(_object);
        if (error != 0)
        {
            throw Refused("load the programs", error);
        }
        verifier?.Collect();
    }

    /// <summary>Attaches all programs where their sections say.</summary>
    /// <exception cref="BpfRefusedException">The kernel refused one.</exception>
    public void AttachPrograms()
    {
        for (void* program = LibBpf.bpf_object__next_program(_object, null); program != null; program = LibBpf.bpf_object__next_program(_object, program))
        {
            void* link = LibBpf.bpf_program__attach(program);
            if (link == null)
            {
                int errno = Marshal.GetLastPInvokeError();
                throw Refused($"attach {Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__name(program))}", errno);
            }
            _links.Add((nint)link);
        }
    }

    /// <summary>Attaches the callbacks of a struct_ops map.</summary>
    /// <returns>The link that keeps them attached; the caller's to destroy.</returns>
    /// <exception cref="BpfRefusedException">The kernel refused them.</exception>
    public void* AttachOps(string map)
    {
        void* link = LibBpf.bpf_map__attach_struct_ops(Map(map));
        return link != null ? link : throw Refused("attach the callbacks", Marshal.GetLastPInvokeError());
    }

    /// <summary>What a map begins with; can be changed before it is loaded.</summary>
    public Span<byte> InitialValue(string map)
    {
        nuint size;
        void* value = LibBpf.bpf_map__initial_value(Map(map), &size);
        return new Span<byte>(value, (int)size);
    }

    /// <summary>Sets the size of a map, before it is loaded.</summary>
    public void SetMaxEntries(string map, uint entries) => _ = LibBpf.bpf_map__set_max_entries(Map(map), entries);

    /// <summary>Leaves a program out, if there is one of that name.</summary>
    public void LeaveOut(string program)
    {
        void* found = LibBpf.bpf_object__find_program_by_name(_object, program);
        if (found != null)
        {
            _ = LibBpf.bpf_program__set_autoload(found, false);
        }
    }

    /// <summary>Descriptor of a loaded map.</summary>
    public int FdOf(string map) => LibBpf.bpf_map__fd(Map(map));

    /// <summary>Descriptors of the loaded maps that keep something for each task or cgroup.</summary>
    public List<int> FdsOfLocalStorage()
    {
        var fds = new List<int>();
        for (void* map = LibBpf.bpf_object__next_map(_object, null); map != null; map = LibBpf.bpf_object__next_map(_object, map))
        {
            if (LibBpf.bpf_map__type(map) is TaskStorage or CgroupStorage)
            {
                fds.Add(LibBpf.bpf_map__fd(map));
            }
        }
        return fds;
    }

    /// <summary>Descriptor of a loaded program.</summary>
    public int FdOfProgram(string program) => LibBpf.bpf_program__fd(LibBpf.bpf_object__find_program_by_name(_object, program));

    /// <summary>Detaches the programs that <see cref="AttachPrograms"/> has attached; they can be attached again.</summary>
    public void DetachPrograms()
    {
        foreach (nint link in _links)
        {
            _ = LibBpf.bpf_link__destroy((void*)link);
        }
        _links.Clear();
    }

    /// <summary>Detaches all programs, and lets go of everything.</summary>
    public void Dispose()
    {
        DetachPrograms();
        LibBpf.bpf_object__close(_object);
    }

    private static BpfObject Open(delegate*<nuint*, void*> embedded, ReadOnlySpan<byte> objectName)
    {
        nuint size;
        void* bytes = embedded(&size);
        fixed (byte* name = objectName)
        {
            var options = new LibBpf.OpenOptions { Size = (nuint)sizeof(LibBpf.OpenOptions), ObjectName = name };
            void* obj = LibBpf.bpf_object__open_mem(bytes, size, &options);
            return obj != null ? new BpfObject(obj) : throw Refused("read the embedded object", Marshal.GetLastPInvokeError());
        }
    }

    // The end of the log is where it says what is wrong.
    private static BpfRefusedException Refused(string what, int errno)
    {
        string log = LibBpf.TakeLog().Trim();
        return new BpfRefusedException(what, errno, log.Length <= MaxLogLength ? log : "…" + log[^MaxLogLength..]);
    }

    private void* Map(string name) => LibBpf.bpf_object__find_map_by_name(_object, name);
}
