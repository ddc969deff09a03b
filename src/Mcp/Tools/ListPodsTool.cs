using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ListPodsTool(PodSampler sampler, Listings<PodListing> listings, IntentService intents, TimeProvider time)
{
    private const int MaxLimit = 200;
    private const int MaxLabels = 4;
    private const int MaxCommands = 3;
    private const int MaxListed = 20;
    private const string Usual = "normal";

    // The same for every pod of a deployment and of no use in a selector.
    private static readonly string[] s_dullLabels =
        ["pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];

    [McpServerTool(
        Name = "list_pods", Title = "List pods", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Lists this node's Kubernetes pods: CPU used (cpu_pct) and waited for (wait_pct), labels, class or time slice in force. Use it " +
        "to find pods and labels for prioritize_pods.")]
    public async Task<PodListResult> ListPods(
        [Description(SelectorArguments.Namespace)]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description(SelectorArguments.LabelsAgain)]
        [StringLength(LabelSelector.MaxLength, MinimumLength = 1)]
        string? label_selector = null,
        [Description("Part of it, e.g. upf")]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? name = null,
        [Description("Most first; name: by namespace and name.")]
        PodOrder sort_by = PodOrder.Cpu,
        [Description("Most rows to return.")]
        [Range(1, MaxLimit)]
        int limit = 20,
        [Description("detailed adds uid, all labels, pids, classes.")]
        ResponseFormat response_format = ResponseFormat.Concise,
        [Description("An earlier next_cursor.")]
        [StringLength(64, MinimumLength = 1)]
        string? cursor = null,
        CancellationToken cancellationToken = default)
    {
        var query = new PodQuery(@namespace, label_selector, name, sort_by);
        if (cursor is null)
        {
            var listing = await MeasureAsync(query, cancellationToken).ConfigureAwait(false);
            return Page(listing, 0, limit, response_format, () => listings.Keep(listing));
        }

        var (id, found, offset) = listings.Find(cursor);
        return query == found.Query || query == PodQuery.Default
            ? Page(found, offset, limit, response_format, () => id)
            : throw new ToolRefusedException("cursor belongs to a listing with other filters; repeat them, or call without cursor");
    }

    private async Task<PodListing> MeasureAsync(PodQuery query, CancellationToken cancellationToken)
    {
        LabelSelector? labels = null;
        if (query.Labels is not null && (labels = LabelSelector.TryParse(query.Labels, out var problem)) is null)
        {
            throw new ToolRefusedException(problem);
        }

        var (samples, window, missing) = await sampler.SampleAsync(cancellationToken).ConfigureAwait(false);
        var matching = samples.Where(sample =>
            (query.Namespace is null || sample.Pod.Namespace == query.Namespace) &&
            (query.Name is null || sample.Pod.Name.Contains(query.Name, StringComparison.Ordinal)) &&
            (labels is null || (sample.Pod.IsDescribed && labels.Matches(sample.Pod.Labels)))).ToList();
        if (matching.Count == 0 && query.Namespace is { } space && samples.All(sample => sample.Pod.Namespace != space))
        {
            RefuseNamespace(space, samples);
        }

        matching.Sort(Comparison(query.Order));
        return new PodListing(query, time.GetUtcNow(), window, matching, missing);
    }

    private static void RefuseNamespace(string space, IReadOnlyList<PodSample> samples)
    {
        var known = samples.Select(sample => sample.Pod.Namespace).Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (known.Count > 0)
        {
            throw new ToolRefusedException($"namespace '{space}' has no pods on this machine; namespaces here: {string.Join(", ", known.Take(20))}");
        }
    }

    private PodListResult Page(PodListing listing, int offset, int limit, ResponseFormat format, Func<string> keep)
    {
        var page = listing.Pods.Skip(offset).Take(RowLimit.Of(limit, format)).ToList();
        var end = offset + page.Count;
        var total = listing.Pods.Count;
        return new PodListResult
        {
            AsOf = Wire.Time(listing.AsOf),
            MeasuredOverMs = (int)listing.Window.TotalMilliseconds,
            Total = total,
            Returned = page.Count,
            Pods = [.. page.Select(sample => Row(sample, format == ResponseFormat.Detailed))],
            NextCursor = end < total ? PageCursor.Of(keep(), end) : null,
            TruncatedHint = end < total
                ? $"{total} pods match; showing {offset + 1} to {end}. Narrow with namespace=, label_selector= or name=, or pass cursor.{RowLimit.Hint(limit, format)}"
                : null,
            Problem = listing.Problem.Length > 0 ? listing.Problem : null,
            Hint = total == 0 ? "No pod matches; call list_pods without filters to see what is there." : null,
        };
    }

    private PodRow Row(PodSample sample, bool detailed)
    {
        var pod = sample.Pod;
        var directives = intents.ReadDirectives(sample.Threads);
        // Most threads of a pod have the same; if not, the most common is shown.
        var groups = directives.GroupBy(directive => directive is null ? default : (directive.Class, directive.SliceUs)).OrderByDescending(group => group.Count()).ToList();
        var most = groups.Count > 0 ? groups[0].Key : default;
        var ids = directives.SelectMany(directive => directive?.ChangeIds ?? []).Distinct().ToList();
        var row = new PodRow
        {
            Namespace = pod.IsDescribed ? pod.Namespace : null,
            Name = pod.IsDescribed ? pod.Name : null,
            Uid = pod.IsDescribed ? null : pod.Uid,
            Threads = sample.Threads.Count,
            CpuPct = Math.Round(sample.CpuPercent, 1),
            WaitPct = Math.Round(sample.WaitPercent, 1),
            Commands = [.. sample.Threads.Select(thread => thread.ProcessCommand).Distinct().Take(MaxCommands)],
            Labels = Labels(pod),
            Qos = sample.Qos.Length > 0 ? sample.Qos : null,
            Class = Wire.Class(most.Class),
            SliceUs = Wire.Positive(most.SliceUs),
            Mixed = groups.Count > 1 ? true : null,
            ChangeIds = ids.Count > 0 ? ids : null,
        };
        return detailed ? Whole(row, sample, directives) : row;
    }

    private static PodRow Whole(PodRow row, PodSample sample, IReadOnlyList<TaskDirective?> directives) => row with
    {
        Uid = sample.Pod.Uid,
        Commands = [.. sample.Threads.Select(thread => thread.ProcessCommand).Distinct().Take(MaxListed)],
        Pids = [.. sample.Threads.Select(thread => thread.ProcessId).Distinct().Take(MaxListed)],
        Labels = new SortedDictionary<string, string>(
            sample.Pod.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Take(MaxListed).ToDictionary(), StringComparer.Ordinal),
        RuntimeSeconds = Math.Round(sample.Threads.Sum(thread => thread.RunNs) / 1e9, 1),
        Classes = new SortedDictionary<string, int>(
            directives.GroupBy(directive => directive is { Class: not SchedulingClass.Unset } ? Wire.ClassName(directive.Class) : Usual)
                .ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal),
        Cpus = Wire.Text(string.Join(" or ", directives.Select(directive => directive?.Cpus ?? "").Where(cpus => cpus.Length > 0).Distinct().Take(MaxCommands))),
        ExpiresInSeconds = directives.Min(directive => directive is null ? null : Wire.FirstExpiry(directive)),
    };

    // Those that say what the pod is come first.
    private static SortedDictionary<string, string>? Labels(PodInfo pod)
    {
        var shown = pod.Labels.Where(label => !s_dullLabels.Contains(label.Key))
            .OrderBy(label => label.Key.Contains("app", StringComparison.Ordinal) || label.Key.Contains("name", StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(label => label.Key, StringComparer.Ordinal).Take(MaxLabels).ToDictionary();
        return shown.Count > 0 ? new SortedDictionary<string, string>(shown, StringComparer.Ordinal) : null;
    }

    private static Comparison<PodSample> Comparison(PodOrder order) => order switch
    {
        PodOrder.Wait => static (a, b) => First(b.WaitPercent.CompareTo(a.WaitPercent), b.CpuPercent.CompareTo(a.CpuPercent), a, b),
        PodOrder.Name => static (a, b) => First(0, 0, a, b),
        _ => static (a, b) => First(b.CpuPercent.CompareTo(a.CpuPercent), b.WaitPercent.CompareTo(a.WaitPercent), a, b),
    };

    private static int First(int primary, int secondary, PodSample a, PodSample b) =>
        primary != 0 ? primary : secondary != 0 ? secondary : string.CompareOrdinal(a.Pod.Title, b.Pod.Title);
}
