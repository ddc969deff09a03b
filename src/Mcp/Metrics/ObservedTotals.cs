using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Mcp.Metrics;

/// <summary>Adds up what the observer sees, for the machine and each pod, so that it can be told as counters. One thread at a time.</summary>
/// <remarks>The observer forgets after ten minutes: seconds that nobody asked for within that time are missing, and counted.</remarks>
internal sealed class ObservedTotals(IObserver observer, PodRegistry registry, TimeProvider time)
{
    /// <summary>Most pods that are told of.</summary>
    public const int MostPods = 2000;

    private static readonly TimeSpan s_kept = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string Namespace, string Name), Entry> _pods = [];
    private uint _last;

    /// <summary>All threads.</summary>
    public ObservedMetrics Machine { get; } = new();

    /// <summary>Seconds observed.</summary>
    public long Seconds { get; private set; }

    /// <summary>Seconds that were forgotten before anybody asked.</summary>
    public long MissedSeconds { get; private set; }

    /// <summary>Entries of pods that there was no room for.</summary>
    public long DroppedPods { get; private set; }

    /// <summary>Pods by namespace and name, one made anew under an old name included; the name is the uid where that is all that is known.</summary>
    public IEnumerable<(string Namespace, string Name, ObservedMetrics Metrics)> Pods => _pods.Select(pod => (pod.Key.Namespace, pod.Key.Name, pod.Value.Metrics));

    /// <summary>Adds what was observed since the last call; switches the observer on first.</summary>
    /// <returns>Why it cannot observe; empty when it does.</returns>
    public string Update()
    {
        try
        {
            observer.Start();
        }
        catch (ObserverUnavailableException exception)
        {
            return exception.Message;
        }

        var last = observer.State.LastSecond;
        if (last < _last)
        {
            _last = 0; // it was off meanwhile, and counts from the beginning
        }

        var first = Math.Max(_last + 1, last > ObservedSeconds ? last - ObservedSeconds + 1 : 1);
        if (last >= first)
        {
            MissedSeconds += first - _last - 1;
            Seconds += last - first + 1;
            _last = last;
            Add(observer.ObserveCgroups(first, last), registry.Refresh());
        }

        return "";
    }

    private const uint ObservedSeconds = Tools.ObservedWindow.Most;

    private void Add(IReadOnlyDictionary<string, ObservedMetrics> cgroups, PodTable table)
    {
        var now = time.GetTimestamp();
        foreach (var (path, metrics) in cgroups)
        {
            Machine.Add(metrics);
            if (path.Length == 0 || table.Of(registry.Identify(path)) is not { } pod)
            {
                continue;
            }

            var key = (pod.Namespace, pod.IsDescribed ? pod.Name : pod.Uid);
            if (!_pods.TryGetValue(key, out var entry))
            {
                if (_pods.Count >= MostPods)
                {
                    DroppedPods++;
                    continue;
                }

                _pods[key] = entry = new Entry();
            }

            entry.Metrics.Add(metrics);
            entry.Seen = now;
        }

        var known = table.Pods.Select(pod => (pod.Namespace, pod.IsDescribed ? pod.Name : pod.Uid)).ToHashSet();
        foreach (var key in _pods.Where(pod => !known.Contains(pod.Key) && time.GetElapsedTime(pod.Value.Seen, now) > s_kept).Select(pod => pod.Key).ToList())
        {
            _pods.Remove(key);
        }
    }

    private sealed class Entry
    {
        public ObservedMetrics Metrics { get; } = new();

        public long Seen { get; set; }
    }
}
