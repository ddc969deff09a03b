using BenchmarkDotNet.Attributes;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Benchmarks;

/// <summary>What user space does at the border to the kernel: reading notices in place, and writing verdicts; without the call that moves these.</summary>
public unsafe class BorderBenchmarks : IDisposable
{
    /// <summary>As many as a batch has.</summary>
    public const int Records = Batch.Max;

    private readonly PriorityQueue<int, (ulong, int)> _reference = new(LoopBenchmarks.ReferenceSize);
    private readonly Verdict[] _verdicts = new Verdict[Records];
    private MemoryRing? _ring;
    private ulong _key;

    [GlobalSetup]
    public void Fill()
    {
        _ring = new MemoryRing(Records);
        LoopBenchmarks.Fill(_reference);
    }

    /// <summary>As the loop's port reads them.</summary>
    [Benchmark]
    public ulong ReadNotices()
    {
        _ring!.Write();
        ulong sum = 0;
        for (Notice* notice = _ring.Reader.Next(); notice != null; notice = _ring.Reader.Next())
        {
            sum += notice->Generation + (ulong)notice->Pid;
        }

        _ring.Reader.Release();
        return sum;
    }

    /// <summary>As the loop fills a batch.</summary>
    [Benchmark]
    public int WriteVerdicts()
    {
        fixed (Verdict* verdicts = _verdicts)
        {
            for (int i = 0; i < Records; i++)
            {
                verdicts[i] = new Verdict { Generation = (ulong)i, StartTimeNs = 1, SliceNs = 1_000_000, Vtime = _key++, Pid = i, Cpu = Verdict.AnyCpu };
            }
        }

        return _verdicts[^1].Pid;
    }

    /// <summary>As many turns of the library's own queue: what this machine is compared by.</summary>
    [Benchmark]
    public int Reference() => LoopBenchmarks.Turn(_reference, Records, ref _key);

    [GlobalCleanup]
    public void Dispose()
    {
        _ring?.Dispose();
        GC.SuppressFinalize(this);
    }
}
