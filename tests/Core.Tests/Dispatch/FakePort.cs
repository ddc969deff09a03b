using System.Runtime.InteropServices;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Tests.Dispatch;

/// <summary>A kernel side that gives the notices it was filled with and keeps the verdicts.</summary>
internal sealed unsafe class FakePort : IKernelPort, IDisposable
{
    private readonly Notice* _notices;
    private readonly int _capacity;
    private int _count;
    private int _next;

    public FakePort(int capacity, int verdictCapacity = 256)
    {
        _capacity = capacity;
        _notices = (Notice*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(Notice));
        Verdicts = (Verdict*)NativeMemory.AllocZeroed((nuint)verdictCapacity, (nuint)sizeof(Verdict));
        VerdictCapacity = verdictCapacity;
    }

    public Verdict* Verdicts { get; }

    public int VerdictCapacity { get; }

    public ulong NowNs { get; set; } = 1000;

    public ulong ReadUntilNs { get; private set; }

    public int Batches { get; private set; }

    public long Applied { get; private set; }

    public List<int>? AppliedPids { get; set; }

    public List<Verdict>? AppliedVerdicts { get; set; }

    public void Fill(int count, int firstPid = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _capacity);
        _count = count;
        _next = 0;
        for (int i = 0; i < count; i++)
        {
            // Spread, so that the heap has work to do.
            _notices[i] = new Notice
            {
                Pid = firstPid + i,
                Vtime = (ulong)(i * 7919L % 10007),
                Generation = (ulong)(firstPid + i) + 7,
                StartTimeNs = (ulong)(firstPid + i) + 9,
                Class = SchedulingClass.Normal,
                Weight = Notice.NormalWeight,
            };
        }
    }

    public Notice* NextNotice() => _next < _count ? _notices + _next++ : null;

    public void EndRead(ulong startedNs) => ReadUntilNs = startedNs;

    public void Apply(int count)
    {
        Batches++;
        Applied += count;
        for (int i = 0; AppliedPids is not null && i < count; i++)
        {
            AppliedPids.Add(Verdicts[i].Pid);
        }
        for (int i = 0; AppliedVerdicts is not null && i < count; i++)
        {
            AppliedVerdicts.Add(Verdicts[i]);
        }
    }

    public void Refresh(ref DispatchContext context)
    {
        context.NowNs = NowNs;
        context.SliceMaxNs = 20_000_000;
        context.SliceMinNs = 1_000_000;
        context.Cpus = 2;
        context.CpuIds = 2;
    }

    public void Dispose()
    {
        NativeMemory.Free(_notices);
        NativeMemory.Free(Verdicts);
    }
}
