using System.Buffers.Binary;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>The BPF observer, loaded into the kernel, with its shared memory.</summary>
internal sealed unsafe class ObserverProgram : IDisposable
{
    private readonly BpfObject _object;

    private ObserverProgram(BpfObject obj) => _object = obj;

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
        using BpfObject obj = BpfObject.OpenObserver();
        return obj.Btf;
    }

    /// <summary>Loads it; nothing is observed before <see cref="Attach"/>.</summary>
    /// <param name="room">How much it can hold.</param>
    /// <param name="topology">The CPUs.</param>
    /// <exception cref="ObserverUnavailableException">The kernel refused it.</exception>
    public static ObserverProgram Load(ObserverRoom room, CpuTopology topology)
    {
        ObserverProgram? program = null;
        try
        {
            program = new ObserverProgram(BpfObject.OpenObserver());
            program.Load(room);
            program.Describe(topology);
            return program;
        }
        catch (BpfRefusedException e)
        {
            program?.Dispose();
            throw new ObserverUnavailableException(e.Message);
        }
        catch
        {
            program?.Dispose();
            throw;
        }
    }

    /// <summary>Begins to observe.</summary>
    /// <exception cref="ObserverUnavailableException">The kernel refused.</exception>
    public void Attach()
    {
        try
        {
            _object.AttachPrograms();
        }
        catch (BpfRefusedException e)
        {
            throw new ObserverUnavailableException(e.Message);
        }
    }

    /// <summary>Ends it for now: what was observed stays, and it can be attached again.</summary>
    public void Detach() => _object.DetachPrograms();

    public void Dispose()
    {
        // What runs in the kernel goes on writing into its maps until it is detached, mapped here or not.
        Cpus?.Dispose();
        Histograms?.Dispose();
        Tasks?.Dispose();
        _object.Dispose();
    }

    private void Load(ObserverRoom room)
    {
        using BtfData own = _object.Btf;
        IReadOnlyDictionary<string, BtfMember> constants = own.Variables(".rodata");
        Span<byte> rodata = _object.InitialValue(".rodata");
        BinaryPrimitives.WriteInt32LittleEndian(rodata[constants["nr_slots"].Offset..], room.Slots);
        _object.SetMaxEntries("tasks", (uint)room.Slots);
        _object.SetMaxEntries("histograms", (uint)room.Slots);
        _object.SetMaxEntries("delays", (uint)room.Pairs);
        _object.SetMaxEntries("wakes", (uint)room.Pairs);
        _object.Load();
        Tasks = new MappedMap<TaskRecord>(_object.FdOf("tasks"), room.Slots);
        Histograms = new MappedMap<HistogramRecord>(_object.FdOf("histograms"), room.Slots);
        Cpus = new MappedMap<CpuRecord>(_object.FdOf(".bss.cpus"), CpuRecord.Max);
        DelaysFd = _object.FdOf("delays");
        WakesFd = _object.FdOf("wakes");
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
}
