using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Results;
using Coxswain.Mcp.Tools;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>The resources of this server.</summary>
internal sealed class ResourceList(
    GetStatusTool status, ListChangesTool changes, TopologyReport topology, AuditTrail audit, IScheduler scheduler, PodResource pod, LatencyReport latency,
    TimeProvider time)
{
    private const int MaxChanges = 50;
    private const int MaxDump = 64 * 1024;

    /// <summary>Adds them.</summary>
    public void AddTo(McpServerResourceCollection resources)
    {
        resources.Add(new JsonResource<StatusResult>(
            ResourceUri.Status, "Status", "Whether the scheduler is attached, in which mode, and why not; as get_status tells it.", status.GetStatus));
        resources.Add(new JsonResource<ChangeListResult>(
            ResourceUri.Changes, "Changes", "Changes in force and those that ended, newest first; as list_changes tells them.", () => changes.ListChanges(include_ended: true, limit: MaxChanges, response_format: ResponseFormat.Detailed)));
        resources.Add(new JsonResource<TopologyResult>(
            ResourceUri.Topology, "CPU topology", "CPUs, cores, caches and NUMA nodes; as get_topology tells them.", topology.Read));
        resources.Add(new JsonResource<AuditDetails>(
            ResourceUri.Audit, "Audit", "The last calls that changed something or were refused, and the life of changes.", ReadAudit));
        resources.Add(new JsonResource<ExitDetails>(
            ResourceUri.Exit, "Last exit", "How the kernel ended the scheduler last, with its dump of the run queues.", ReadExit));
        resources.Add(new JsonResource<LatencyResult>(
            ResourceUri.Latency, "Latency", "How long threads waited for a CPU in the last 10 s, with distributions: machine, pods, threads. Reading it switches the observer on.", latency.Read));
        resources.Add(pod);
    }

    private AuditDetails ReadAudit()
    {
        var (total, records) = audit.Recent();
        return new AuditDetails { AsOf = Wire.Time(time.GetUtcNow()), Total = total, Records = records };
    }

    private ExitDetails ReadExit()
    {
        var state = scheduler.ReadState();
        return new ExitDetails
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Attached = state.Attached,
            Reason = state.Attached ? null : state.Reason,
            LastExit = state.LastExit is { } exit ? GetStatusTool.Describe(exit) : null,
            Dump = state.LastExit is { Dump.Length: > 0 } dumped ? Text(dumped.Dump) : null,
        };
    }

    // Line by line: each may hold the name of a task, in whatever characters.
    private static string Text(string dump) =>
        string.Join('\n', (dump.Length > MaxDump ? dump[..MaxDump] : dump).Split('\n').Select(line => CommandText.Clean(line, 400)));
}
