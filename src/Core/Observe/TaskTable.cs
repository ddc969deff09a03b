using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>The table of threads that the kernel side writes, read in place. One thread at a time.</summary>
/// <param name="tasks">The threads.</param>
/// <param name="histograms">Their waiting times, by the same numbers.</param>
/// <param name="slots">How many of each.</param>
internal sealed unsafe class TaskTable(TaskRecord* tasks, HistogramRecord* histograms, int slots)
{
    // A wait of this length that goes on is worth telling of.
    private const ulong SignificantNs = 10_000_000;

    private const int CacheLine = 64;

    // So many slots ahead their memory is asked for: other CPUs have written it, and waiting for it is half of the work.
    private const int RecordsAhead = 12;
    private const int HistogramsAhead = 4;

    private readonly ObservedMetrics _metrics = new();
    private readonly Seen[] _seen = new Seen[slots];
    private readonly List<int> _ended = [];

    /// <summary>Hands out what each thread did since the last time.</summary>
    /// <param name="sink">Takes it.</param>
    /// <param name="nowNs">Now, by the kernel side's clock.</param>
    public void Collect(IObservationSink sink, ulong nowNs)
    {
        _ended.Clear();
        for (var slot = 0; slot < slots; slot++)
        {
            if (slot + RecordsAhead < slots)
            {
                Prefetch(tasks + slot + RecordsAhead, sizeof(TaskRecord));
                var next = slot + HistogramsAhead;
                if (tasks[next].Pid != 0)
                {
                    Prefetch(histograms + next, sizeof(HistogramRecord));
                }
            }

            if (Volatile.Read(ref tasks[slot].Pid) != 0)
            {
                Collect(sink, slot, nowNs);
            }
        }
    }

    /// <summary>Frees the slots of those threads that had ended when they were last collected.</summary>
    /// <param name="sink">Is told of each.</param>
    public void FreeEnded(IObservationSink sink)
    {
        foreach (var slot in _ended)
        {
            Free(slot);
            sink.Release(slot);
        }

        _ended.Clear();
    }

    private static void Prefetch(void* memory, int length)
    {
        if (Sse.IsSupported)
        {
            for (var at = 0; at < length; at += CacheLine)
            {
                Sse.Prefetch0((byte*)memory + at);
            }
        }
    }

    private void Collect(IObservationSink sink, int slot, ulong now)
    {
        var record = tasks + slot;
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

        if (pid < 0)
        {
            _ended.Add(slot);
        }

        var unfinished = Unfinished(record, now);
        var (waits, switches, wakeups) = (record->Waits, record->Voluntary + record->Involuntary, record->Wakeups);
        if (waits == seen.Waits && switches == seen.Voluntary + seen.Involuntary && wakeups == seen.Wakeups && unfinished < SignificantNs)
        {
            return;
        }

        sink.Describe(slot, Name(record), record->CgroupId);
        Read(record, histograms + slot, ref seen);
        _metrics.UnfinishedWaitNs = (long)unfinished;
        sink.Add(slot, _metrics);
        if (record->EdgeWaker != PairRecord.Nobody)
        {
            ReadEdge(sink, record, slot);
        }
    }

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
        _metrics.LongestWaitNs = (long)Interlocked.Exchange(ref record->LongestNs, 0);
        _metrics.Waits = seen.Counts.AddSince(in *histogram, _metrics);
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
    private static void ReadEdge(IObservationSink sink, TaskRecord* record, int slot)
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

    private void Free(int slot)
    {
        var record = tasks + slot;
        histograms[slot] = default;
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

    [StructLayout(LayoutKind.Sequential)]
    private struct Seen
    {
        public int Pid;
        public WaitCounts Counts;
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
