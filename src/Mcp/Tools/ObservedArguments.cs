using System.Globalization;
using System.Text.Json;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Mcp.Tools;

/// <summary>Which threads a call about the past is about.</summary>
internal static class ObservedArguments
{
    public const string Scope = "What name names.";

    public const string Name = "pod: namespace/name or namespace/; pid: 42,43; command: regex.";

    public const int MaxNameLength = 1024;

    /// <summary>Makes a scope of what a call names.</summary>
    /// <param name="kind">How.</param>
    /// <param name="name">What.</param>
    /// <param name="intents">Knows the classes in force.</param>
    /// <param name="pods">Knows the pods.</param>
    /// <exception cref="ToolRefusedException">The name is missing, or cannot be read.</exception>
    /// <exception cref="IntentRejectedException">The command or the labels cannot be read.</exception>
    public static ObservationScope Read(ObservedScopeName kind, string? name, IntentService intents, PodRegistry pods)
    {
        if (kind == ObservedScopeName.Machine)
        {
            return name is null ? ObservationScope.Node : throw new ToolRefusedException("name needs a scope that says what it names, e.g. scope=\"pod\"");
        }

        if (name is null)
        {
            throw new ToolRefusedException($"scope needs a name. {Name}");
        }

        return kind switch
        {
            ObservedScopeName.Class => OfClass(name, intents),
            ObservedScopeName.Pod => ObservedSelection.Of(OfPod(name), pods),
            ObservedScopeName.Labels => ObservedSelection.Of(new Selector { Labels = name }, pods),
            ObservedScopeName.Pid => ObservedSelection.Of(Selector.OfPids(Pids(name)), pods),
            ObservedScopeName.Command => ObservedSelection.Of(Selector.OfCommand(name), pods),
            ObservedScopeName.Cgroup => ObservedSelection.Of(new Selector { Cgroup = name }, pods),
            _ => ObservedSelection.Of(new Selector { Unit = name }, pods),
        };
    }

    /// <summary>The class in force for a thread.</summary>
    public static SchedulingClass ClassOf(ObservedTask task, IntentService intents)
    {
        if (task.HasEnded || task.IsKernelThread || task.ProcessId == 0)
        {
            return SchedulingClass.Normal;
        }

        var found = intents.ReadDirectives([ObservedSelection.Describe(task)])[0]?.Class ?? SchedulingClass.Unset;
        return found == SchedulingClass.Unset ? SchedulingClass.Normal : found;
    }

    private static ObservationScope OfClass(string name, IntentService intents)
    {
        var wanted = Enum.GetValues<SchedulingClass>().Where(one => one != SchedulingClass.Unset && JsonNamingPolicy.SnakeCaseLower.ConvertName(one.ToString()) == name).ToList();
        return wanted.Count == 1
            ? new ObservationScope(task => ClassOf(task, intents) == wanted[0])
            : throw new ToolRefusedException($"name='{name}' is no class: latency_critical, high, normal, low, background");
    }

    private static Selector OfPod(string name)
    {
        var parts = name.Split('/');
        return parts.Length > 2 || name is "" or "/"
            ? throw new ToolRefusedException($"name='{name}' is no pod: \"namespace/name\", \"namespace/\" or \"name\"; list_pods shows them")
            : parts.Length == 1
                ? new Selector { PodNames = [name] }
                : new Selector { Namespace = parts[0], PodNames = parts[1].Length > 0 ? [parts[1]] : [] };
    }

    private static IEnumerable<int> Pids(string name) => [.. name.Split(',', StringSplitOptions.TrimEntries).Select(part =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0
            ? pid
            : throw new ToolRefusedException($"name='{name}' is no list of ids such as \"42,43\""))];
}
