using System.Text;
using Coxswain.Core.Observe;

namespace Coxswain.Testing;

/// <summary>A kernel side in which happens what a test says.</summary>
internal sealed class FakeObserverPort : IObserverPort
{
    private readonly Dictionary<int, (int Slot, ObservedMetrics Metrics, string Name, ulong Cgroup)> _tasks = [];
    private readonly List<(int Tid, int ProcessId, bool Kernel)> _born = [];
    private readonly List<int> _ended = [];
    private readonly List<(int From, int To, ulong Ns, ulong Count)> _delays = [];
    private readonly List<(int From, int To, ulong Ns, ulong Count)> _wakes = [];
    private int _nextSlot;

    /// <summary>Stands for a timer or device as who wakes.</summary>
    public const int Interrupt = -1;

    public bool Started { get; private set; }

    public bool Disposed { get; private set; }

    public int Collections { get; private set; }

    public ObserverUnavailableException? Refusal { get; set; }

    public bool IsPressed { get; set; }

    public ObserverLosses Losses { get; set; }

    public void Start()
    {
        if (Refusal is not null)
        {
            throw Refusal;
        }

        Started = true;
    }

    public void Add(int tid, string name, int processId = 0, ulong cgroup = 1, bool kernelThread = false)
    {
        _tasks[tid] = (_nextSlot++, new ObservedMetrics(), name, cgroup);
        _born.Add((tid, processId == 0 ? tid : processId, kernelThread));
    }

    /// <summary>A thread waited and then ran.</summary>
    public void Wait(int tid, long waitNs, int times = 1, long runNs = 1_000_000)
    {
        var metrics = _tasks[tid].Metrics;
        metrics.Waits += times;
        metrics.WaitNs += waitNs * times;
        metrics.RunNs += runNs * times;
        metrics.VoluntarySwitches += times;
        metrics.LongestWaitNs = Math.Max(metrics.LongestWaitNs, waitNs);
        metrics.AddBucket(WaitBuckets.Of((ulong)waitNs), (ulong)times);
    }

    /// <summary>A thread waits, and has not run yet.</summary>
    public void Starve(int tid, long waitNs) => _tasks[tid].Metrics.UnfinishedWaitNs = waitNs;

    public void Delay(int from, int to, long ns, int count = 1) => _delays.Add((from, to, (ulong)ns, (ulong)count));

    public void Wake(int from, int to, int count, long waitNs = 0) => _wakes.Add((from, to, (ulong)waitNs, (ulong)count));

    public void End(int tid) => _ended.Add(tid);

    public void Collect(IObservationSink sink)
    {
        Collections++;
        foreach (var (tid, processId, kernel) in _born)
        {
            sink.Bind(_tasks[tid].Slot, tid, processId, (ulong)tid * 10_000_000, kernel);
        }

        _born.Clear();
        foreach (var (slot, metrics, name, cgroup) in _tasks.Values)
        {
            sink.Describe(slot, Encoding.UTF8.GetBytes(name), cgroup);
            if (metrics.Waits > 0 || metrics.UnfinishedWaitNs > 0)
            {
                sink.Add(slot, metrics);
                metrics.Clear();
            }
        }

        _delays.ForEach(pair => sink.AddDelay(Slot(pair.From), Slot(pair.To), pair.Ns, pair.Count));
        _wakes.ForEach(pair => sink.AddWake(Slot(pair.From), Slot(pair.To), pair.Ns, pair.Count));
        _delays.Clear();
        _wakes.Clear();
        foreach (var tid in _ended)
        {
            sink.Release(_tasks[tid].Slot);
            _tasks.Remove(tid);
        }

        _ended.Clear();
        sink.SetLosses(Losses);
    }

    public void Dispose() => Disposed = true;

    private uint Slot(int tid) => tid == Interrupt ? 0xfffffffe : (uint)_tasks[tid].Slot;
}
