using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The programs of events.bpf.c, loaded and attached, with their shared memory.</summary>
internal sealed unsafe class EventProgram : IDisposable
{
    /// <summary>Size of the ring, as in events.h.</summary>
    public const uint RingBytes = 1 << 20;

    private readonly BpfObject _object;

    private EventProgram(BpfObject obj) => _object = obj;

    public RecordRing<TaskEventRecord> Events { get; private set; } = null!;

    public MappedMap<EventControl> Control { get; private set; } = null!;

    public MappedMap<EventState> State { get; private set; } = null!;

    /// <summary>Type information of the embedded object.</summary>
    public static BtfData ObjectBtf()
    {
        using BpfObject obj = BpfObject.OpenEvents();
        return obj.Btf;
    }

    /// <summary>Loads and attaches them.</summary>
    /// <exception cref="TaskEventsUnavailableException">This kernel, or this user, cannot.</exception>
    public static EventProgram Start()
    {
        if (!File.Exists("/sys/kernel/btf/vmlinux"))
        {
            throw new TaskEventsUnavailableException("this kernel has no type information (CONFIG_DEBUG_INFO_BTF is not set)");
        }

        EventProgram? program = null;
        try
        {
            program = new EventProgram(BpfObject.OpenEvents());
            program.Load();
            return program;
        }
        catch (BpfRefusedException e)
        {
            program?.Dispose();
            throw new TaskEventsUnavailableException(Reason(e));
        }
        catch
        {
            program?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Events?.Dispose();
        Control?.Dispose();
        State?.Dispose();
        _object.Dispose();
    }

    private void Load()
    {
        _object.Load();
        _object.AttachPrograms();
        Control = new MappedMap<EventControl>(_object.FdOf(".bss.event_control"));
        State = new MappedMap<EventState>(_object.FdOf(".bss.event_state"));
        Events = new RecordRing<TaskEventRecord>(_object.FdOf("events"), RingBytes);
    }

    // One line, for a status: the rest is the verifier's.
    private static string Reason(BpfRefusedException e)
    {
        string last = e.Log[(e.Log.LastIndexOf('\n') + 1)..];
        return e.Errno == BpfRefusedException.NotPermitted
            ? "not permitted (EPERM): it takes root, or CAP_BPF and CAP_PERFMON"
            : $"the kernel refused the programs: {BpfRefusedException.Describe(e.Errno)}. {last}".TrimEnd();
    }
}
