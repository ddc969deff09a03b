using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Testing;

/// <summary>The kernel side of the observer on a crowded machine, as a table in memory: each thread does something in every second.</summary>
internal sealed unsafe class CrowdedTable : IObserverPort
{
    /// <summary>Threads of each cgroup.</summary>
    public const int ThreadsPerCgroup = 20;

    /// <summary>Number of the first of them.</summary>
    public const int FirstTid = 1000;

    private const int WaitsPerSecond = 20;
    private const ulong RunNs = 100_000;

    private readonly int[] _slots;
    private readonly TaskRecord* _tasks;
    private readonly HistogramRecord* _histograms;
    private readonly TaskTable _table;
    private ulong _nowNs = 1_000_000_000;

    /// <param name="threads">How many.</param>
    public CrowdedTable(int threads)
    {
        Room = ObserverRoom.ForThreads(threads);
        _tasks = (TaskRecord*)NativeMemory.AllocZeroed((nuint)Room.Slots, (nuint)sizeof(TaskRecord));
        _histograms = (HistogramRecord*)NativeMemory.AllocZeroed((nuint)Room.Slots, (nuint)sizeof(HistogramRecord));
        _table = new TaskTable(_tasks, _histograms, Room.Slots);
        _slots = new int[threads];
        for (var number = 0; number < threads; number++)
        {
            // Scattered, as they are in the kernel's.
            var slot = (int)(((uint)number * 2654435769UL & uint.MaxValue) * (ulong)Room.Slots >> 32);
            while (_tasks[slot].Pid != 0)
            {
                slot = (slot + 1) % Room.Slots;
            }

            _slots[number] = slot;
            var task = _tasks + slot;
            *task = new TaskRecord
            {
                Pid = FirstTid + number,
                Tgid = FirstTid + number - number % ThreadsPerCgroup,
                StartTimeNs = 1_000_000_000,
                CgroupId = (ulong)(number / ThreadsPerCgroup) + 1,
                EdgeWaker = (uint)_slots[Math.Max(0, number - 1)],
            };
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"worker-{number}")).CopyTo(new Span<byte>(&task->Comm, sizeof(TaskRecord.TaskName)));
        }
    }

    /// <summary>What such a machine is given.</summary>
    public ObserverRoom Room { get; }

    public bool IsPressed => false;

    public void Start()
    {
    }

    /// <summary>One second passes: everybody is woken, waits and runs, in a different way each.</summary>
    public void PassSecond()
    {
        _nowNs += 1_000_000_000;
        foreach (var slot in _slots)
        {
            var task = _tasks + slot;
            for (var i = 0; i < WaitsPerSecond; i++)
            {
                // From 4 us to 50 ms, and not the same in every second.
                var wait = (ulong)(4000 << ((slot + i) % 14)) + (_nowNs / 1_000_000_000 + (ulong)i) % 8 * 500;
                Count(_histograms + slot, WaitBuckets.Of(wait));
                task->WaitNs += wait;
                task->LongestNs = Math.Max(task->LongestNs, wait);
            }

            task->Waits += WaitsPerSecond;
            task->Wakeups += WaitsPerSecond;
            task->Voluntary += WaitsPerSecond;
            task->RunNs += WaitsPerSecond * RunNs;
            task->EdgeNs += 10_000;
            task->EdgeCount += WaitsPerSecond;
        }
    }

    public void Collect(IObservationSink sink)
    {
        _table.Collect(sink, _nowNs);
        for (var pair = 0; pair < Room.Pairs; pair++)
        {
            var (from, to) = ((uint)_slots[pair * 7 % _slots.Length], (uint)_slots[pair % _slots.Length]);
            sink.AddDelay(from, to, 3_000_000, 3);
            sink.AddWake(to, from, 2_000_000, 20);
        }

        _table.FreeEnded(sink);
    }

    public void Dispose()
    {
        NativeMemory.Free(_tasks);
        NativeMemory.Free(_histograms);
    }

    private static void Count(HistogramRecord* histogram, int bucket)
    {
        if (bucket < HistogramRecord.Third)
        {
            histogram->ShortWaits[bucket]++;
        }
        else if (bucket < 2 * HistogramRecord.Third)
        {
            histogram->MiddleWaits[bucket - HistogramRecord.Third]++;
        }
        else
        {
            histogram->LongWaits[bucket - 2 * HistogramRecord.Third]++;
        }
    }
}
