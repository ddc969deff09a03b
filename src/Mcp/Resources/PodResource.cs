using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using Coxswain.Mcp.Tools;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>One pod: its threads, and what is in force for them.</summary>
internal sealed class PodResource(PodRegistry registry, ITaskSource tasks, IntentService intents, TimeProvider time) : McpServerResource
{
    private const int MaxRows = 50;
    private const int MaxSimilar = 5;

    public override ResourceTemplate ProtocolResourceTemplate { get; } = new()
    {
        UriTemplate = ResourceUri.PodTemplate,
        Name = "pod",
        Title = "Pod",
        Description = "A pod of this node: its threads, their class, time slice and CPUs in force, and the changes that cover it.",
        MimeType = ResourceUri.Json,
    };

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) => ResourceUri.PodOf(uri) is not null;

    public override ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default)
    {
        var uri = request.Params!.Uri;
        var (space, name) = ResourceUri.PodOf(uri)!.Value;
        var table = registry.Refresh();
        var pod = table.Pods.FirstOrDefault(pod => pod.IsDescribed && pod.Namespace == space && pod.Name == name) ?? throw NotFound(request, table, name);
        return new(ResourceUri.Answer(uri, JsonSerializer.Serialize(Describe(pod), (JsonTypeInfo<PodDetails>)McpJson.Options.GetTypeInfo(typeof(PodDetails)))));
    }

    private PodDetails Describe(PodInfo pod)
    {
        var threads = tasks.ReadAll(TaskDetails.Cgroup).Tasks.Where(task => registry.PodOf(task)?.Uid == pod.Uid).ToList();
        var directives = intents.ReadDirectives(threads);
        return new PodDetails
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Namespace = pod.Namespace,
            Name = pod.Name,
            Uid = pod.Uid,
            Labels = new SortedDictionary<string, string>(pod.Labels.ToDictionary(), StringComparer.Ordinal),
            Threads = threads.Count,
            Tasks = [.. threads.Take(MaxRows).Select((task, i) => new PodTaskRow
            {
                Pid = task.Key.Tid,
                ProcessPid = task.ProcessId,
                Command = task.Command,
                Class = directives[i] is { } directive ? Wire.Class(directive.Class) : null,
                SliceUs = directives[i] is { } sliced ? Wire.Positive(sliced.SliceUs) : null,
                Cpus = directives[i] is { } placed ? Wire.Text(placed.Cpus) : null,
                ExpiresInSeconds = directives[i] is { } ending ? Wire.FirstExpiry(ending) : null,
            })],
            TasksTruncated = threads.Count > MaxRows ? true : null,
            ChangeIds = [.. directives.SelectMany(directive => directive?.ChangeIds ?? []).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private static McpProtocolException NotFound(RequestContext<ReadResourceRequestParams> request, PodTable table, string name)
    {
        var described = table.Pods.Where(pod => pod.IsDescribed).ToList();
        var names = NearMiss.Of(name, described.Select(pod => pod.Name));
        var similar = names.SelectMany(like => described.Where(pod => pod.Name == like)).Select(pod => pod.Title).Take(MaxSimilar).ToList();
        return ResourceUri.NotFound(request, similar.Count > 0 ? $"Similar pods: {string.Join(", ", similar)}." : "list_pods shows the pods that there are.");
    }
}
