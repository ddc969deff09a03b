using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Mcp.Tools;

/// <summary>Measures what the pods of this machine do now.</summary>
internal sealed class PodSampler(TaskSampler sampler, PodRegistry registry)
{
    /// <summary>Watches all threads for one window and adds them up by pod.</summary>
    /// <returns>The pods, also those without a thread; how long they were watched; and why names are missing or old, if they are.</returns>
    public async Task<(IReadOnlyList<PodSample> Pods, TimeSpan Window, string Problem)> SampleAsync(CancellationToken cancellationToken)
    {
        var asking = Task.Run(registry.Refresh, cancellationToken);
        var sampling = await sampler.SampleAsync(0, TaskDetails.Cgroup, cancellationToken).ConfigureAwait(false);
        var table = await asking.ConfigureAwait(false);
        var found = new Dictionary<string, PodSample>();
        foreach (var threads in sampling.Samples.Where(sample => !sample.Task.IsDead && sample.Task.Cgroup.Length > 0).GroupBy(sample => sample.Task.Cgroup))
        {
            var identity = registry.Identify(threads.Key);
            if (table.Of(identity) is { } pod)
            {
                var before = found.GetValueOrDefault(pod.Uid) ?? new PodSample(pod, identity.Qos, [], 0, 0);
                found[pod.Uid] = Add(before, threads);
            }
        }

        foreach (var pod in table.Pods)
        {
            found.TryAdd(pod.Uid, new PodSample(pod, "", [], 0, 0));
        }

        return ([.. found.Values], sampling.Window, table.Problem.Length > 0 ? table.Problem : table.Note);
    }

    private static PodSample Add(PodSample pod, IEnumerable<TaskSample> samples)
    {
        var threads = samples.OrderByDescending(sample => sample.CpuPercent).ToList();
        return pod with
        {
            Threads = [.. pod.Threads, .. threads.Select(sample => sample.Task)],
            CpuPercent = pod.CpuPercent + threads.Sum(sample => sample.CpuPercent),
            WaitPercent = Math.Max(pod.WaitPercent, threads.Max(sample => sample.WaitPercent)),
        };
    }
}
