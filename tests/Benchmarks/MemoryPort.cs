using System.Runtime.InteropServices;
using Coxswain.Core;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Benchmarks;

/// <summary>A kernel side that costs nothing: the same notices each round, and verdicts to nowhere.</summary>
internal sealed unsafe class MemoryPort : IKernelPort, IDisposable
{
    private readonly Notice* _notices;
    private readonly int _count;
    private int _next;
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

    public Notice* NextNotice() => _next < _count ? _notices + _next++ : null;

    public void EndRead(ulong startedNs)
    {
    }

    public void Apply(int count)
    {
    }

    public void Refresh(ref DispatchContext context)
    {
        _next = 0;
        context.NowNs = _nowNs += 1_000_000;
        context.VtimeNow = 5_000_000;
        context.SliceMaxNs = 20_000_000;
        context.SliceMinNs = 1_000_000;
        context.Cpus = 8;
        context.CpuIds = 8;
    }

    public void Dispose()
    {
        NativeMemory.Free(_notices);
        NativeMemory.Free(Verdicts);
    }
}
