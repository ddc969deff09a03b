using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Mcp.Tools;

/// <summary>Decides which threads a listing shows.</summary>
internal sealed class TaskFilter
{
    private readonly TaskQuery _query;
    private readonly PodRegistry _pods;
    private readonly CommandPattern? _pattern;
    private readonly TaskInfo? _single;

    /// <exception cref="ToolRefusedException">The regex is not one, or there is no such process, thread or pod.</exception>
    public TaskFilter(TaskQuery query, ITaskSource tasks, PodRegistry pods)
    {
        _query = query;
        _pods = pods;
        if (query.Command is { } command)
        {
            _pattern = CommandPattern.TryCreate(command, out var problem) ?? throw new ToolRefusedException(problem);
        }

        if (query.Pid is { } pid)
        {
            var named = tasks.Find(pid) ?? throw new ToolRefusedException($"pid {pid} does not exist (any more); list_tasks without pid shows those that do");
            ProcessId = named.ProcessId;
            _single = named.IsLeader ? null : named;
        }
    }

    /// <summary>The one process to read; 0 for all.</summary>
    public int ProcessId { get; }

    public bool Matches(TaskSample sample) =>
        !sample.Task.IsDead &&
        (_single is null || sample.Task.Key == _single.Key) &&
        (_pattern is null || _pattern.Matches(sample.Task)) &&
        (_query.Cpu is null || sample.Task.Cpu == _query.Cpu) &&
        MatchesCgroup(sample.Task.Cgroup) &&
        MatchesPod(sample.Task);

    private bool MatchesPod(TaskInfo task) =>
        !_query.NamesPods ||
        (_pods.PodOf(task) is { } pod && (_query.Namespace is null || pod.Namespace == _query.Namespace) && (_query.Pod is null || pod.Name == _query.Pod));

    private bool MatchesCgroup(string cgroup) => _query.Cgroup switch
    {
        null => true,
        ['/', ..] prefix => cgroup.StartsWith(prefix, StringComparison.Ordinal),
        var part => cgroup.Contains(part, StringComparison.Ordinal),
    };
}
