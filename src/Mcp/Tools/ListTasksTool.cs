using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ListTasksTool(
    ITaskSource tasks, TaskSampler sampler, Listings<TaskListing> listings, IntentService intents, ProtectedTasks protectedTasks, PodRegistry pods,
    TimeProvider time)
{
    private const int MaxLimit = 200;

    // Ten pages of the longest kind. Whoever wants more should filter.
    private const int MaxListed = 2000;

    [McpServerTool(
        Name = "list_tasks", Title = "List tasks", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Lists threads: who uses the CPU (cpu_pct), who waits for it (wait_pct), and the class or time slice in force in the kernel. Use it " +
        "to find what to prioritise. Measures for 250 ms.")]
    public async Task<TaskListResult> ListTasks(
        [Description("Process or thread, e.g. 4242")]
        [Range(1, IntentLimits.MaxPid)]
        int? pid = null,
        [Description("Regex over both names, e.g. ^nginx")]
        [StringLength(IntentLimits.MaxCommandLength, MinimumLength = 1)]
        string? command = null,
        [Description(SelectorArguments.Namespace)]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? @namespace = null,
        [Description("e.g. upf-0, in full")]
        [StringLength(PodInfo.MaxTextLength, MinimumLength = 1)]
        string? pod = null,
        [Description("Where it runs, or ran last.")]
        [Range(0, CpuChoice.MaxCpu)]
        int? cpu = null,
        [Description("e.g. /system.slice, or part")]
        [StringLength(1024, MinimumLength = 1)]
        string? cgroup = null,
        [Description("Most first; cpu and wait: now; runtime: ever.")]
        TaskOrder sort_by = TaskOrder.Cpu,
        [Description("Most rows to return.")]
        [Range(1, MaxLimit)]
        int limit = 20,
        [Description("detailed adds cgroup, state, parent, totals.")]
        ResponseFormat response_format = ResponseFormat.Concise,
        [Description("An earlier next_cursor.")]
        [StringLength(64, MinimumLength = 1)]
        string? cursor = null,
        CancellationToken cancellationToken = default)
    {
        var query = new TaskQuery { Pid = pid, Command = command, Namespace = @namespace, Pod = pod, Cpu = cpu, Cgroup = cgroup, Order = sort_by };
        if (cursor is null)
        {
            var listing = await MeasureAsync(query, cancellationToken).ConfigureAwait(false);
            return Page(listing, 0, limit, response_format, () => listings.Keep(listing));
        }

        var (id, found, offset) = listings.Find(cursor);
        return query == found.Query || query == TaskQuery.Default
            ? Page(found, offset, limit, response_format, () => id)
            : throw new ToolRefusedException("cursor belongs to a listing with other filters; repeat them, or call without cursor");
    }

    private async Task<TaskListing> MeasureAsync(TaskQuery query, CancellationToken cancellationToken)
    {
        var filter = new TaskFilter(query, tasks, pods);
        var details = query.Cgroup is null && !query.NamesPods ? TaskDetails.None : TaskDetails.Cgroup;
        var asking = Task.Run(pods.Refresh, cancellationToken);
        var sampling = await sampler.SampleAsync(filter.ProcessId, details, cancellationToken).ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        var matching = sampling.Samples.Where(filter.Matches).ToList();
        matching.Sort(Comparison(query.Order));
        return new TaskListing(
            query, time.GetUtcNow(), sampling.Window, matching.Count, matching[..Math.Min(matching.Count, MaxListed)], sampling.Truncated);
    }

    private TaskListResult Page(TaskListing listing, int offset, int limit, ResponseFormat format, Func<string> keep)
    {
        var page = listing.Samples.Skip(offset).Take(RowLimit.Of(limit, format)).ToList();
        var directives = intents.ReadDirectives(page.ConvertAll(sample => sample.Task));
        var end = offset + page.Count;
        return new TaskListResult
        {
            AsOf = Wire.Time(listing.AsOf),
            MeasuredOverMs = (int)listing.Window.TotalMilliseconds,
            Total = listing.Total,
            Returned = page.Count,
            Tasks = [.. page.Select((sample, i) => Row(sample, directives[i], format == ResponseFormat.Detailed))],
            NextCursor = end < listing.Samples.Count ? PageCursor.Of(keep(), end) : null,
            TruncatedHint = end < listing.Total || listing.Incomplete ? TruncatedHint(listing, offset, page.Count) + RowLimit.Hint(limit, format) : null,
            Hint = listing.Total == 0 ? NothingHint(listing.Query) : null,
        };
    }

    private TaskRow Row(TaskSample sample, TaskDirective? directive, bool detailed)
    {
        var task = sample.Task;
        var cgroup = task.Cgroup.Length > 0 || task.IsKernelThread ? task.Cgroup : tasks.ReadCgroup(task);
        var pod = pods.PodOf(task with { Cgroup = cgroup });
        var row = new TaskRow
        {
            Pid = task.Key.Tid,
            ProcessPid = task.ProcessId,
            Command = task.Command,
            ProcessCommand = task.ProcessCommand == task.Command ? null : task.ProcessCommand,
            CpuPct = Math.Round(sample.CpuPercent, 1),
            WaitPct = Math.Round(sample.WaitPercent, 1),
            RuntimeSeconds = Math.Round(task.RunNs / 1e9, 1),
            Cpu = task.Cpu,
            Nice = task.Nice == 0 ? null : task.Nice,
            Policy = Wire.Policy(task.Policy),
            Pod = pod is { IsDescribed: true } ? pod.Title : null,
            // The path to a container is 200 characters that say no more than the pod's name.
            Cgroup = cgroup.Length > 1 && pod is not { IsDescribed: true } ? cgroup : null,
            Class = directive is null ? null : Wire.Class(directive.Class),
            SliceUs = directive is null ? null : Wire.Positive(directive.SliceUs),
            Cpus = directive is null ? null : Wire.Text(directive.Cpus),
            ExpiresInSeconds = directive is null ? null : Wire.FirstExpiry(directive),
            ChangeIds = directive is { ChangeIds.Count: > 0 } ? directive.ChangeIds : null,
            Protected = protectedTasks.WhyProtected(task),
        };
        return detailed ? Whole(row, task, cgroup, directive) : row;
    }

    private TaskRow Whole(TaskRow row, TaskInfo task, string cgroup, TaskDirective? directive) => row with
    {
        ProcessCommand = task.ProcessCommand,
        State = Wire.State(task.State),
        ParentPid = task.ParentPid,
        Nice = task.Nice,
        Policy = Wire.Policy(task.Policy) ?? Wire.UsualPolicy(task.Policy),
        WaitedSeconds = Math.Round(task.WaitNs / 1e9, 1),
        TimesRun = task.RunCount,
        Cgroup = Wire.Text(cgroup),
        Unit = cgroup.Length > 0 ? Wire.Text(pods.Identify(cgroup).Unit) : null,
        Class = row.Class ?? TaskClass.Normal,
        BudgetPct = directive is null ? null : Wire.Positive(directive.BudgetPercent),
    };

    private static Comparison<TaskSample> Comparison(TaskOrder order) => order switch
    {
        TaskOrder.Wait => static (a, b) => First(b.WaitPercent.CompareTo(a.WaitPercent), b.CpuPercent.CompareTo(a.CpuPercent), a, b),
        TaskOrder.Runtime => static (a, b) => First(b.Task.RunNs.CompareTo(a.Task.RunNs), 0, a, b),
        TaskOrder.Pid => static (a, b) => First(0, 0, a, b),
        _ => static (a, b) => First(b.CpuPercent.CompareTo(a.CpuPercent), b.WaitPercent.CompareTo(a.WaitPercent), a, b),
    };

    private static int First(int primary, int secondary, TaskSample a, TaskSample b) =>
        primary != 0 ? primary : secondary != 0 ? secondary : a.Task.Key.Tid.CompareTo(b.Task.Key.Tid);

    private static string TruncatedHint(TaskListing listing, int offset, int returned)
    {
        var shown = offset == 0 ? $"the first {returned}" : $"{offset + 1} to {offset + returned}";
        var hint = $"{listing.Total} threads match; showing {shown} by {JsonName(listing.Query.Order)}. Narrow with namespace=, command= or cgroup=, or pass cursor.";
        return listing.Incomplete ? hint + " This machine has more threads than are read: some are missing." : hint;
    }

    private static string JsonName(TaskOrder order) => order switch
    {
        TaskOrder.Cpu => "cpu_pct",
        TaskOrder.Wait => "wait_pct",
        TaskOrder.Runtime => "runtime_seconds",
        _ => "pid",
    };

    private string NothingHint(TaskQuery query)
    {
        if (query.NamesPods)
        {
            return NoPodHint(query);
        }

        if (query.Command is not { } command)
        {
            return query.Cpu is { } cpu && query == TaskQuery.Default with { Cpu = cpu, Order = query.Order }
                ? $"Nothing ran on CPU {cpu} last; get_topology shows the CPUs."
                : "Nothing matches; call list_tasks without filters to see what is there.";
        }

        var similar = NearMiss.OfPattern(command, tasks.ReadAll(TaskDetails.None).Tasks.Select(task => task.ProcessCommand));
        return similar.Count > 0
            ? $"Nothing matches command \"{command}\"; similar: {string.Join(", ", similar)}."
            : $"Nothing matches command \"{command}\"; call list_tasks without it to see what is there.";
    }

    private string NoPodHint(TaskQuery query)
    {
        var known = pods.Table.Pods;
        var similar = query.Namespace is { } space && !known.Any(pod => pod.Namespace == space)
            ? NearMiss.Of(space, known.Select(pod => pod.Namespace).Distinct())
            : NearMiss.Of(query.Pod ?? "", known.Where(pod => query.Namespace is null || pod.Namespace == query.Namespace).Select(pod => pod.Name));
        return similar.Count > 0
            ? $"Nothing matches; similar: {string.Join(", ", similar)}."
            : "Nothing matches; list_pods shows the pods of this node.";
    }
}
