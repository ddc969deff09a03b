using System.Globalization;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;

namespace Coxswain.Core.Guards;

// What guards find. Everything here runs while _looking is held.
public sealed partial class GuardService
{
    // Of more changes than that within a minute, the newest are compared.
    private const int MaxCompared = 8;

    // Of more workloads than that, those behind in the alphabet are not named.
    private const int MostNamed = 100;

    // Pods come and go; their container runtime need not be asked each second.
    private const uint PodsEverySeconds = 10;

    /// <returns>True when a change was taken back.</returns>
    private bool JudgeBystanders(GuardedChanges changes, uint last)
    {
        var compared = _watches.Values.Where(IsCompared).OrderByDescending(watch => watch.Number).Take(MaxCompared).ToList();
        if (compared.Count == 0)
        {
            return false;
        }

        var bystanders = _intents.Bystanders(changes.Touches);
        foreach (var watch in compared)
        {
            var before = watch.ReadBefore(_observer, changes, bystanders);
            var from = Math.Max(watch.JudgeFrom, Math.Max(_settledFrom, last > BystanderRule.MostSeconds ? last - BystanderRule.MostSeconds + 1 : 1));
            if (from > last || !BystanderRule.IsEnough(before))
            {
                continue;
            }

            // Only what was there before can be compared with what was before.
            var known = before.Tasks.Select(Workload).ToHashSet();
            var after = _observer.Observe(from, last, new ObservationScope(task => bystanders.Includes(task) && known.Contains(Workload(task))));
            if (_rule.Judge(before, after, LongestFirst) is { } harm)
            {
                // The newest of those that came before the harm, or in the second in which it began.
                var newest = compared.First(candidate => candidate.JudgeFrom - 1 <= harm.From);
                TakeBack(newest.Number, harm.Finding, last);
                return true;
            }
        }

        return false;
    }

    // Only when a change goes: each workload is looked at by itself.
    private List<string> LongestFirst(Observation seen) =>
    [
        .. seen.Tasks.Select(task => task.ProcessCommand).Distinct().Order(StringComparer.Ordinal).Take(MostNamed)
            .OrderByDescending(command => _observer.Observe(
                seen.From, seen.To, new ObservationScope(task => task.ProcessCommand == command && seen.Tasks.Contains(task))).Total.WaitNs),
    ];

    /// <returns>True when a change was taken back.</returns>
    private bool JudgeConditions(GuardedChanges changes, uint last)
    {
        var reverted = false;
        foreach (var watch in _watches.Values.Where(watch => watch.Guard is not null).ToList())
        {
            var guard = watch.Guard!;
            if (guard.Workload.Selector is { NamesPods: true } && (watch.JudgedUntil == 0 || last % PodsEverySeconds == 0))
            {
                _pods.Refresh();
            }

            var scope = guard.Workload.Selector is { } selector
                ? watch.GuardScope ??= ObservedSelection.Of(selector, _pods)
                : _intents.Bystanders(changes.Touches);
            foreach (var second in _observer.Observe(Math.Max(watch.JudgeFrom, watch.JudgedUntil + 1), last, scope).Seconds)
            {
                Count(watch, guard, second);
                watch.JudgedUntil = second.Number;
                if (watch.WorseSeconds >= guard.ForSeconds)
                {
                    TakeBack(watch.Number, Finding(watch, guard), last);
                    reverted = true;
                    break;
                }
            }
        }

        return reverted;
    }

    private static void Count(Watch watch, IntentGuard guard, ObservedSecond second)
    {
        var measuredNs = Waits.Of(guard.Metric, second) ?? 0;
        if (measuredNs <= guard.WorseThanUs * 1000.0)
        {
            watch.WorseSeconds = 0;
            return;
        }

        (watch.LeastNs, watch.WorseSamples) = watch.WorseSeconds == 0
            ? (measuredNs, second.Metrics.Waits)
            : (Math.Min(watch.LeastNs, measuredNs), watch.WorseSamples + second.Metrics.Waits);
        watch.WorseSeconds++;
    }

    private static GuardFinding Finding(Watch watch, IntentGuard guard) => new(GuardTrigger.Condition, string.Create(
        CultureInfo.InvariantCulture,
        $"{guard.MetricName} of {guard.Workload} was {watch.LeastNs / 1000:0} and more in each of {watch.WorseSeconds} s ({watch.WorseSamples} waits), and its guard accepts {guard.WorseThanUs}"))
    {
        Metric = guard.MetricName,
        Workload = guard.Workload.Text,
        MeasuredUs = watch.LeastNs / 1000,
        LimitUs = guard.WorseThanUs,
        Seconds = watch.WorseSeconds,
        Samples = watch.WorseSamples,
    };

    private void TakeBack(uint number, GuardFinding finding, uint last)
    {
        // What follows shows whether it was this one.
        _settledFrom = last + 2;
        _intents.RevertByGuard(number, finding);
    }

    private static (string Command, string Cgroup) Workload(ObservedTask task) => (task.ProcessCommand, task.Cgroup);
}
