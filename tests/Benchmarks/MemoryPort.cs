using System.Runtime.InteropServices;
using Coxswain.Core;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Benchmarks;

/// <summary>A kernel side that costs next to nothing: the same tasks each round, in another order each time, and verdicts to nowhere.</summary>
internal sealed unsafe class MemoryPort : IKernelPort, IDisposable
{
    private readonly Notice* _notices;
    private readonly int _count;
    private int _next;
    private ulong _round;
    private ulong _nowNs = 1_000_000_000;

    public MemoryPort(int count)
    {
        _count = count;
        _notices = (Notice*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(Notice));
        Verdicts = (Verdict*)NativeMemory.AllocZeroed(Batch.Max, (nuint)sizeof(Verdict));
        for (int i = 0; i < count; i++)
        {
            _notices[i] = new Notice
            {
                Pid = 1000 + i,
                Generation = (ulong)i,
                Vtime = Spread(i),
                ParkedNs = Spread(i),
                Class = SchedulingClass.Normal,
                Weight = 100,
            };
        }
    }

    public Verdict* Verdicts { get; }

    public int VerdictCapacity => Batch.Max;

    /// <summary>In no order, so that a heap has work to do.</summary>
    public static ulong Spread(int i) => (ulong)(i * 7919L % 10007) * 1000;

    public Notice* NextNotice()
    {
        if (_next == _count)
        {
            return null;
        }
        Notice* notice = _notices + _next++;
        notice->Vtime = notice->ParkedNs = Unforeseen(_round + (uint)_next);
        return notice;
    }

    public void EndRead(ulong startedNs)
    {
    }

    public void Apply(int count)
    {
    }

    public void Refresh(ref DispatchContext context)
    {
        _next = 0;
        _round += 1UL << 32;
        context.NowNs = _nowNs += 1_000_000;
        context.VtimeNow = 5_000_000;
        context.SliceMaxNs = 20_000_000;
        context.SliceMinNs = 1_000_000;
        context.Cpus = 8;
        context.CpuIds = 8;
    }

    // With the same keys each round the processor knows after some rounds how each comparison of a thousand tasks ends, and is three times as fast as it ever is at work.
    private static ulong Unforeseen(ulong number)
    {
        number *= 0x9E3779B97F4A7C15;
        number ^= number >> 32;
        return number * 0xBF58476D1CE4E5B9 >> 40;
    }

    public void Dispose()
    {
        NativeMemory.Free(_notices);
        NativeMemory.Free(Verdicts);
    }
}
