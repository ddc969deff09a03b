namespace Coxswain.Core.Workloads.Pods;

/// <summary>The pods of this machine at one moment. Immutable.</summary>
public sealed class PodTable
{
    private readonly Dictionary<string, PodInfo> _ofUid = [];
    private readonly Dictionary<string, PodInfo> _ofContainer = [];

    /// <summary>Creates a table.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="problem">Why the runtime's answer is missing, incomplete or old, as a part of a sentence; empty when all is well.</param>
    public PodTable(IReadOnlyList<PodInfo> pods, string problem)
    {
        ArgumentNullException.ThrowIfNull(pods);
        Pods = pods;
        Problem = problem;
        foreach (var pod in pods)
        {
            _ofUid[pod.Uid] = pod;
            foreach (var container in pod.ContainerIds)
            {
                _ofContainer[container] = pod;
            }
        }
    }

    /// <summary>A table without pods and without a problem.</summary>
    public static PodTable Empty { get; } = new([], "");

    /// <summary>The pods that the runtime names.</summary>
    public IReadOnlyList<PodInfo> Pods { get; }

    /// <summary>Why the runtime's answer is missing, incomplete or old; empty when all is well.</summary>
    public string Problem { get; }

    /// <summary>What is worth knowing of an answer that is complete; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>The pod that a cgroup belongs to.</summary>
    /// <returns>Null when it belongs to none. A pod that the runtime does not name has nothing but its uid.</returns>
    public PodInfo? Of(CgroupIdentity cgroup)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        if (cgroup.PodUid.Length > 0)
        {
            // The kubelet's pods from files have a uid of their own in the cgroup's name, hence the second look.
            return _ofUid.GetValueOrDefault(cgroup.PodUid) ?? _ofContainer.GetValueOrDefault(cgroup.ContainerId) ?? new PodInfo { Uid = cgroup.PodUid };
        }

        return cgroup.ContainerId.Length > 0 ? _ofContainer.GetValueOrDefault(cgroup.ContainerId) : null;
    }
}
