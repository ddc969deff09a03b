using System.Globalization;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Audit;

namespace Coxswain.Mcp.Resources;

/// <summary>Tells cheaply whether a resource is still what it was: two equal versions mean that nothing of note has changed.</summary>
/// <remarks>Counters and remaining seconds always change and do not count; nothing here reads all processes.</remarks>
internal sealed class ResourceVersions(
    IScheduler scheduler, IntentService intents, ExperimentService experiments, ITopologySource topology, AuditTrail audit, PodRegistry pods,
    IEnumerable<IVersionedResource> others)
{
    /// <summary>Whether there is such a resource to be told of.</summary>
    public bool IsKnown(string uri) =>
        uri is ResourceUri.Status or ResourceUri.Changes or ResourceUri.Topology or ResourceUri.Audit or ResourceUri.Exit ||
        ResourceUri.PodOf(uri) is not null || Other(uri) is not null;

    /// <summary>The present version.</summary>
    public string Of(string uri) => uri switch
    {
        ResourceUri.Status => Status(),
        ResourceUri.Changes => Changes(intents.Changes(includeEnded: true)),
        ResourceUri.Topology => CpuChoice.Format(topology.OnlineCpus()),
        ResourceUri.Audit => audit.Count.ToString(CultureInfo.InvariantCulture),
        ResourceUri.Exit => Exit(scheduler.ReadState()),
        _ => Other(uri)?.Version ?? Pod(uri),
    };

    private IVersionedResource? Other(string uri) => others.FirstOrDefault(resource => resource.Uri == uri);

    private string Status()
    {
        var state = scheduler.ReadState();
        return string.Join('\n',
            state.Attached, state.KernelState, state.OpsName, state.Reason, state.Mode, state.Policy, state.LeaseNs, state.SliceNs,
            state.AttachedSince, state.RestartAt, state.Cpus, intents.ActiveCount, Exit(state),
            string.Join(' ', experiments.Running.Select(one => $"{one.Id} {one.Progress?.Period}")));
    }

    private static string Exit(SchedulerState state) =>
        state.LastExit is { } exit ? string.Join('\n', exit.Kind, exit.Code, exit.Message, state.Failure?.AtNs) : "";

    private static string Changes(IEnumerable<Change> changes) =>
        string.Join('\n', changes.Select(change => $"{change.Id} {change.ExpiresAt.Ticks} {change.EndCause} {change.TaskCount} {change.ShadowedCount}"));

    // The pod of that name, and the changes whose selector could name it. What the runtime says is as old as its last answer.
    private string Pod(string uri)
    {
        var (space, name) = ResourceUri.PodOf(uri)!.Value;
        var pod = pods.Table.Pods.FirstOrDefault(pod => pod.Namespace == space && pod.Name == name);
        return pod is null ? "" : $"{pod.Uid}\n{Changes(intents.Changes(includeEnded: false))}";
    }
}
