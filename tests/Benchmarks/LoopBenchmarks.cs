using BenchmarkDotNet.Attributes;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Policies;

namespace Coxswain.Benchmarks;

/// <summary>A round of the dispatch loop: so many tasks are read, ordered by the policy, and answered.</summary>
public class LoopBenchmarks : IDisposable
{
    internal const int ReferenceSize = 1000;
    private readonly PriorityQueue<int, (ulong, int)> _reference = new(ReferenceSize);
    private MemoryPort? _port;
    private Func<int>? _round;
    private Action? _release;
    private ulong _key;

    /// <summary>Tasks that wait.</summary>
    [Params(10, 1000, 10_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _port = new MemoryPort(Waiting);
        Fill(_reference);
    }

    [GlobalSetup(Target = nameof(Fifo))]
    public void FillFifo() => Start(new FifoPolicy(PolicyNames.Capacity));

    [GlobalSetup(Target = nameof(Vtime))]
    public void FillVtime() => Start(new VtimePolicy(PolicyNames.Capacity));

    [GlobalSetup(Target = nameof(Deadline))]
    public void FillDeadline() => Start(new DeadlinePolicy(PolicyNames.Capacity));

    [GlobalSetup(Target = nameof(OwnPolicy))]
    public void FillOwnPolicy() => Start<IPolicy>(new DeadlinePolicy(PolicyNames.Capacity));

    [Benchmark]
    public int Fifo() => _round!();

    [Benchmark]
    public int Vtime() => _round!();

    [Benchmark]
    public int Deadline() => _round!();

    /// <summary>As deadline, but called through the interface, as a user's policy is.</summary>
    [Benchmark]
    public int OwnPolicy() => _round!();

    /// <summary>The same kind of work with the library's own queue of 1,000, as often: what this machine is compared by.</summary>
    [Benchmark]
    public int Reference() => Turn(_reference, Waiting, ref _key);

    [GlobalCleanup]
    public void Dispose()
    {
        _release?.Invoke();
        _port?.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static void Fill(PriorityQueue<int, (ulong, int)> reference)
    {
        for (int i = 0; i < ReferenceSize; i++)
        {
            reference.Enqueue(i, (MemoryPort.Spread(i), i));
        }
    }

    internal static int Turn(PriorityQueue<int, (ulong, int)> reference, int times, ref ulong key)
    {
        int sum = 0;
        for (int i = 0; i < times; i++)
        {
            key += 7919;
            sum += reference.DequeueEnqueue(i, (key % 10007 + key, i));
        }
        return sum;
    }

    /// <summary>Bytes that the thread allocates per task, over a million tasks. Counted apart: other threads do not count.</summary>
    internal static double AllocatedPerTask(string policy, int waiting)
    {
        const int Tasks = 1_000_000;
        using var benchmarks = new LoopBenchmarks { Waiting = waiting };
        switch (policy)
        {
            case nameof(Fifo):
                benchmarks.FillFifo();
                break;
            case nameof(Vtime):
                benchmarks.FillVtime();
                break;
            case nameof(Deadline):
                benchmarks.FillDeadline();
                break;
            default:
                benchmarks.FillOwnPolicy();
                break;
        }
        benchmarks._round!();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Tasks / waiting; i++)
        {
            benchmarks._round!();
        }
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Tasks;
    }

    private void Start<TPolicy>(TPolicy policy) where TPolicy : IPolicy
    {
        Fill();
        var loop = new DispatchLoop<MemoryPort, TPolicy>(_port!, policy);
        _release = loop.Dispose;
        _round = loop.RunOnce;
    }
}
