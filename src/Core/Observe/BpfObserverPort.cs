using Coxswain.Core.Kernel;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>Reads the running kernel's observer.</summary>
/// <param name="wanted">How much it can hold; null: what this machine needs.</param>
internal sealed unsafe class BpfObserverPort(ObserverRoom? wanted = null) : IObserverPort
{
    private const int BatchPairs = 256;

    private readonly PairRecord[] _pairs = new PairRecord[BatchPairs];
    private readonly SumRecord[] _sums = new SumRecord[BatchPairs];
    private ObserverRoom _room = new(0);
    private ObserverProgram? _program;
    private TaskTable? _table;
    private ulong _collected;
    private int _cpuIds;

    public bool IsPressed => _program is { } program && Begun(program) - _collected > (ulong)_room.Slots / 8;

    public void Start()
    {
        _room = wanted ?? ObserverRoom.ForThisMachine();
        var topology = CpuTopology.Read();
        _cpuIds = topology.CpuIds;
        var program = ObserverProgram.Load(_room, topology);
        try
        {
            program.Attach();
            _table = new TaskTable(program.Tasks.Pointer, program.Histograms.Pointer, _room.Slots);
            _program = program;
            // Loading takes megabytes, and whoever asked waits for it anyway; later the collection would hold up a call that takes milliseconds.
            GC.Collect();
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public void Collect(IObservationSink sink)
    {
        var (program, table) = (_program, _table);
        if (program is null || table is null)
        {
            throw new InvalidOperationException("not started");
        }

        _collected = Begun(program);
        table.Collect(sink, MonotonicClock.NowNs);
        // Pairs name slots: all of them are bound now, and none is released yet.
        Drain(program.DelaysFd, sink.AddDelay);
        Drain(program.WakesFd, sink.AddWake);
        table.FreeEnded(sink);
        sink.SetLosses(Losses(program));
    }

    public void Dispose()
    {
        _table = null;
        _program?.Dispose();
        _program = null;
    }

    private void Drain(int map, Action<uint, uint, ulong, ulong> add)
    {
        ulong position = 0;
        for (var drained = 0; drained < _room.Pairs;)
        {
            uint count = BatchPairs;
            int error;
            fixed (PairRecord* pairs = _pairs)
            fixed (SumRecord* sums = _sums)
            {
                error = LibBpf.bpf_map_lookup_and_delete_batch(map, drained == 0 ? null : &position, &position, pairs, sums, &count, null);
            }

            for (var i = 0; i < count; i++)
            {
                add(_pairs[i].From, _pairs[i].To, _sums[i].Ns, _sums[i].Count);
            }

            drained += (int)count;
            if (error != 0 || count == 0)
            {
                break; // ENOENT: that was all
            }
        }
    }

    private ulong Begun(ObserverProgram program)
    {
        ulong begun = 0;
        for (var cpu = 0; cpu < _cpuIds; cpu++)
        {
            begun += program.Cpus.Pointer[cpu].Begun;
        }

        return begun;
    }

    private ObserverLosses Losses(ObserverProgram program)
    {
        ulong tasks = 0, pairs = 0, unexplained = 0;
        for (var cpu = 0; cpu < _cpuIds; cpu++)
        {
            var record = program.Cpus.Pointer + cpu;
            tasks += record->LostTasks;
            pairs += record->LostPairs;
            unexplained += record->UnexplainedNs;
        }

        return new ObserverLosses((long)tasks, (long)pairs, (long)unexplained);
    }
}
