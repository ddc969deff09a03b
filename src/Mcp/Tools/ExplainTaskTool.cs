using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class ExplainTaskTool(IntentService intents, TimeProvider time)
{
    [McpServerTool(
        Name = "explain_task", Title = "Explain task", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Explains why one thread is scheduled as it is: pod, cgroup, the changes that name it, which decides, what the kernel has, and " +
        "whether both agree. Use it when a change shows no effect.")]
    public ExplainResult ExplainTask(
        [Description("Thread id; a process id is that of its first thread.")]
        [Range(1, IntentLimits.MaxPid)]
        int pid)
    {
        var explanation = intents.Explain(pid) ?? throw new ToolRefusedException($"pid {pid} does not exist (any more); list_tasks shows those that do");
        var task = explanation.Task;
        return new ExplainResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Pid = task.Key.Tid,
            ProcessPid = task.ProcessId,
            Command = task.Command,
            Pod = explanation.Pod?.Title,
            Cgroup = task.Cgroup.Length > 1 ? task.Cgroup : null,
            Protected = explanation.Protected,
            Matches = [.. explanation.Matches.Select(Row)],
            Wanted = Row(explanation.Wanted),
            InKernel = Row(explanation.Own),
            CgroupInKernel = Row(explanation.Cgroup),
            DirectedCgroup = explanation.CgroupPath.Length > 0 ? explanation.CgroupPath : null,
            Agrees = explanation.Agrees,
            Hint = Hint(explanation),
        };
    }

    private MatchRow Row(MatchedChange match) => new()
    {
        ChangeId = match.Change.Id,
        Selector = match.Change.Request.Selector.ToString(),
        Specificity = match.Change.Specificity,
        Class = Wire.Class(match.Change.Request.Effect.Class),
        SliceUs = Wire.Positive(match.Change.Request.Effect.SliceUs),
        Cpus = match.Change.Request.Effect.Cpus?.ToString(),
        Decides = Decides(match),
        By = match.Change.Request.Author,
        ExpiresInSeconds = (int)Math.Max(0, Math.Ceiling((match.Change.ExpiresAt - time.GetUtcNow()).TotalSeconds)),
    };

    private static string? Decides(MatchedChange match)
    {
        string[] decided = [match.DecidesClass ? "class" : "", match.DecidesSlice ? "slice" : "", match.DecidesCpus ? "cpus" : ""];
        return Wire.Text(string.Join(", ", decided.Where(part => part.Length > 0)));
    }

    private static DirectiveRow? Row(TaskDirective? directive) => directive is null ? null : new DirectiveRow
    {
        Class = Wire.Class(directive.Class),
        SliceUs = Wire.Positive(directive.SliceUs),
        BudgetPct = Wire.Positive(directive.BudgetPercent),
        Cpus = Wire.Text(directive.Cpus),
        ExpiresInSeconds = Wire.FirstExpiry(directive) ?? 0,
    };

    private static string Hint(TaskExplanation explanation) => explanation switch
    {
        { Protected: not null } => "No change can touch a protected thread.",
        { Agrees: false } => "The kernel has something else than is wanted: changes are brought in line every second; look again, and at get_status.",
        { Matches.Count: 0 } => "No change names it: it is scheduled as normal.",
        _ when Wire.IsRealTime(explanation.Task.Policy) => "It has a real-time policy: the kernel runs it before all others, whatever a change says.",
        _ => "What is wanted is in force.",
    };
}
