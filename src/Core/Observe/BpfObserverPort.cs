using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>Reads the running kernel's observer.</summary>
internal sealed unsafe class BpfObserverPort : IObserverPort
{
    /// <summary>Least number of slots: room for storms of short-lived threads on a small machine.</summary>
    internal const int LeastSlots = 8192;

    /// <summary>Most slots: 60 MB.</summary>
    internal const int MostSlots = 65536;

    /// <summary>Room beside a quarter more than there are threads now.</summary>
    internal const int SpareSlots = 4096;

    // Rather many pairs would be lost than that a second is spent on them.
    private const int MaxPairs = 8192;
    private const int BatchPairs = 256;

    private readonly ObservedMetrics _metrics = new();
    private readonly PairRecord[] _pairs = new PairRecord[BatchPairs];
    private readonly SumRecord[] _sums = new SumRecord[BatchPairs];
    private ObserverProgram? _program;
    private Seen[] _seen = [];
    private ulong _collected;
    private int _cpuIds;

    public int Slots { get; private set; }

    public bool IsPressed => _program is { } program && Begun(program) - _collected > (ulong)Slots / 8;

    public void Start()
    {
        Slots = Math.Clamp(CountThreads() * 5 / 4 + SpareSlots, LeastSlots, MostSlots);
        var topology = CpuTopology.Read();
        _cpuIds = topology.CpuIds;
        var program = ObserverProgram.Load(Slots, topology);
        try
        {
            program.Attach();
            _seen = new Seen[Slots];
            _program = program;
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public void Collect(IObservationSink sink)
    {
        var program = _program ?? throw new InvalidOperationException("not started");
        _collected = Begun(program);
        var now = MonotonicClock.NowNs;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (Volatile.Read(ref program.Tasks.Pointer[slot].Pid) != 0)
            {
                Collect(sink, program, slot, now);
            }
        }

        // Pairs name slots: all of them are bound now, and none is released yet.
        Drain(program.DelaysFd, sink.AddDelay);
        Drain(program.WakesFd, sink.AddWake);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (_seen[slot].Ended)
            {
                Free(program, slot);
                sink.Release(slot);
            }
        }

        sink.SetLosses(Losses(program));
    }

    public void Dispose()
    {
        _program?.Dispose();
        _program = null;
    }

    private void Collect(IObservationSink sink, ObserverProgram program, int slot, ulong now)
    {
        var record = program.Tasks.Pointer + slot;
        ref var seen = ref _seen[slot];
        var pid = Volatile.Read(ref record->Pid);
        if (seen.Pid == 0)
        {
            if (record->StartTimeNs == 0)
            {
                return; // is being filled in
            }

            seen = new Seen { Pid = Math.Abs(pid) };
            sink.Bind(slot, seen.Pid, record->Tgid, record->StartTimeNs, record->KernelThread != 0);
        }

        seen.Ended = pid < 0;
        var unfinished = Unfinished(record, now);
        var (waits, switches, wakeups) = (record->Waits, record->Voluntary + record->Involuntary, record->Wakeups);
        if (waits == seen.Waits && switches == seen.Voluntary + seen.Involuntary && wakeups == seen.Wakeups && unfinished < SignificantNs)
        {
            return;
        }

        sink.Describe(slot, Name(record), record->CgroupId);
        Read(record, program.Histograms.Pointer + slot, ref seen);
        _metrics.UnfinishedWaitNs = (long)unfinished;
        sink.Add(slot, _metrics);
        if (record->EdgeWaker != PairRecord.Nobody)
        {
            ReadEdge(sink, record, slot, ref seen);
        }
    }

    // A wait of this length that goes on is worth telling of.
    private const ulong SignificantNs = 10_000_000;

    private static ulong Unfinished(TaskRecord* record, ulong now)
    {
        if (record->OnCpu != 0 || (record->Runnable == 0 && record->WakingNs <= record->OutNs) || record->Pid < 0)
        {
            return 0;
        }

        var since = record->Runnable != 0 ? record->OutNs : record->WakingNs;
        return since != 0 && now > since ? now - since : 0;
    }

    private void Read(TaskRecord* record, HistogramRecord* histogram, ref Seen seen)
    {
        _metrics.Clear();
        _metrics.Waits = (seen.Counts ??= new WaitCounts()).AddSince(histogram->Buckets, _metrics);
        _metrics.LongestWaitNs = (long)Interlocked.Exchange(ref record->LongestNs, 0);
        _metrics.WaitNs = Since(record->WaitNs, ref seen.WaitNs);
        _metrics.RunNs = Since(record->RunNs, ref seen.RunNs);
        seen.Waits = record->Waits;
        _metrics.Wakeups = Since(record->Wakeups, ref seen.Wakeups);
        _metrics.VoluntarySwitches = Since(record->Voluntary, ref seen.Voluntary);
        _metrics.InvoluntarySwitches = Since(record->Involuntary, ref seen.Involuntary);
        _metrics.CoreMigrations = Since(record->MigrationsCore, ref seen.MigrationsCore);
        _metrics.LlcMigrations = Since(record->MigrationsLlc, ref seen.MigrationsLlc);
        _metrics.FarMigrations = Since(record->MigrationsFar, ref seen.MigrationsFar);
    }

    // What is in the record goes to the map, in whole, when somebody else wakes the thread. What was told before is taken off then.
    private static void ReadEdge(IObservationSink sink, TaskRecord* record, int slot, ref Seen seen)
    {
        var (waker, count, ns) = (record->EdgeWaker, record->EdgeCount, record->EdgeNs);
        if (waker != record->EdgeWaker || count == 0)
        {
            return;
        }

        // Taken out as a whole: the kernel side may add one meanwhile, which then counts for nothing or once more.
        record->EdgeCount = 0;
        record->EdgeNs = 0;
        sink.AddWake(waker, (uint)slot, ns, count);
    }

    private void Drain(int map, Action<uint, uint, ulong, ulong> add)
    {
        ulong position = 0;
        for (var drained = 0; drained < MaxPairs;)
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

    private void Free(ObserverProgram program, int slot)
    {
        var record = program.Tasks.Pointer + slot;
        program.Histograms.Pointer[slot] = default;
        _seen[slot] = default;
        var pid = record->Pid;
        *record = new TaskRecord { Pid = pid };
        Volatile.Write(ref record->Pid, 0);
    }

    private static ReadOnlySpan<byte> Name(TaskRecord* record)
    {
        var name = new ReadOnlySpan<byte>(&record->Comm, sizeof(TaskRecord.TaskName));
        var end = name.IndexOf((byte)0);
        return end < 0 ? name : name[..end];
    }

    private static long Since(ulong now, ref ulong before)
    {
        var since = (long)(now - before);
        before = now;
        return since;
    }

    private static long Since(uint now, ref uint before)
    {
        var since = now - before;
        before = now;
        return since;
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

    // Fourth field of loadavg: runnable and all threads, "2/345".
    private static int CountThreads()
    {
        var fields = File.ReadAllText("/proc/loadavg").Split(' ');
        return int.Parse(fields[3].Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Seen
    {
        public int Pid;
        public bool Ended;
        public WaitCounts? Counts;
        public ulong WaitNs;
        public ulong RunNs;
        public uint Waits;
        public uint Wakeups;
        public uint Voluntary;
        public uint Involuntary;
        public uint MigrationsCore;
        public uint MigrationsLlc;
        public uint MigrationsFar;
    }
}
