namespace Coxswain.Core.Workloads.Pods;

/// <summary>Joins what the container runtime and the Kubernetes API say of the pods of this machine, by uid.</summary>
/// <remarks>
/// The runtime knows which pods are here, the API which labels they have now. While one of them does not answer, the
/// other one counts alone, and the reading says so.
/// </remarks>
/// <param name="runtime">The container runtime.</param>
/// <param name="api">The Kubernetes API.</param>
public sealed class JoinedPodSource(IPodSource runtime, IPodSource api) : IPodSource
{
    /// <inheritdoc/>
    public PodReading Read()
    {
        var (here, there) = (runtime.Read(), api.Read());
        var hereFails = here.Problem.Length > 0 && here.Pods.Count == 0;
        if (hereFails && there.Problem.Length > 0)
        {
            return new PodReading(there.Pods, $"{here.Problem}; {there.Problem}");
        }

        if (hereFails)
        {
            return new PodReading(there.Pods, "") { Note = $"{here.Problem}; pods are those that the Kubernetes API names" };
        }

        var known = there.Pods.DistinctBy(pod => pod.Uid).ToDictionary(pod => pod.Uid, StringComparer.Ordinal);
        return new PodReading([.. here.Pods.Select(pod => known.TryGetValue(pod.Uid, out var same) ? Join(pod, same) : pod)], here.Problem)
        {
            Note = there.Problem.Length > 0 ? $"{there.Problem}; pods are those that the container runtime names" : "",
        };
    }

    // Another pod under the same uid would be a lie of one of the two: then the one that is here is believed.
    private static PodInfo Join(PodInfo here, PodInfo there) =>
        here.Name == there.Name && here.Namespace == there.Namespace
            ? here with { Labels = there.Labels, ContainerIds = [.. here.ContainerIds.Union(there.ContainerIds)] }
            : here;
}
