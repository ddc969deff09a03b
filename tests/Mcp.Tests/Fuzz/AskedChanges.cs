using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Tells from the arguments of a call what it may have changed, without the server's own code.</summary>
internal sealed class AskedChanges(ToolRig rig)
{
    private static readonly int[] s_protected = [1, 2, 20, ToolRig.OwnPid];

    private readonly Dictionary<int, (string Namespace, string Name, string App)> _pods = [];
    private Dictionary<string, uint> _numbers = [];

    /// <summary>Starts a process of two threads in a pod, with its command as its label app.</summary>
    public void StartInPod(int pid, string command, string space, string name)
    {
        rig.StartInPod(pid, command, space, name, ("app", command));
        _pods[pid] = (space, name, command);
    }

    /// <summary>Looks at everything before a call.</summary>
    public KernelState Look()
    {
        _numbers = rig.Service<IntentService>().Changes(includeEnded: true).ToDictionary(change => change.Id, change => change.Number);
        return KernelState.Of(rig.Kernel);
    }

    public void AssertUnchanged(string what, KernelState before)
    {
        var after = KernelState.Of(rig.Kernel);
        before.AssertSameDirectives(after, what);
        before.AssertSameScheduler(after, what);
    }

    /// <summary>An experiment that was refused may have waited: what was there may have ended by itself, and nothing has come.</summary>
    public void AssertNothingNew(JsonObject arguments, KernelState before)
    {
        var after = KernelState.Of(rig.Kernel);
        var what = $"run_experiment {arguments.ToJsonString()} was refused";
        before.AssertSameScheduler(after, what);
        Assert.True(after.Tasks.All(before.Tasks.Contains), $"{what} and changed threads");
        Assert.True(after.Cgroups.All(before.Cgroups.Contains), $"{what} and changed cgroups");
        Assert.True(after.Sets.All(set => before.Sets.TryGetValue(set.Key, out var had) && had.Cpus == set.Value.Cpus), $"{what} and changed CPU sets");
    }

    public void AssertProtected()
    {
        Assert.DoesNotContain(rig.Kernel.Held.Keys, key => s_protected.Contains(key.Tid));
        Assert.All(rig.Kernel.HeldByCgroups.Keys, path => Assert.DoesNotContain(Within(path), task => s_protected.Contains(task.Key.Tid)));
    }

    /// <summary>A call has succeeded: it has changed nothing but what its arguments say.</summary>
    public void AssertAsked(string tool, JsonObject arguments, KernelState before)
    {
        var after = KernelState.Of(rig.Kernel);
        var what = $"{tool} {arguments.ToJsonString()}";
        switch (tool)
        {
            case "set_mode" or "set_policy":
                before.AssertSameDirectives(after, what);
                AssertSettings(arguments, before, after, what);
                return;
            case "start_scheduler":
                Assert.True(after.Attached, what);
                Assert.Equal((before.Policy, before.Times), (after.Policy, after.Times));
                before.AssertSameDirectives(after, what);
                return;
            case "stop_scheduler":
                Assert.Equal((false, 0, 0, 0), (after.Attached, after.Tasks.Count, after.Cgroups.Count, after.Sets.Count));
                Assert.Equal((before.Policy, before.Times), (after.Policy, after.Times));
                return;
            case "apply_strategies" when arguments["dry_run"]?.GetValue<bool>() is true:
                before.AssertSameDirectives(after, what);
                break;
            default:
                AssertDirectives(tool, arguments, before, after, what);
                AssertSets(tool, arguments, before, after, what);
                break;
        }

        before.AssertSameScheduler(after, what);
    }

    private static void AssertSettings(JsonObject arguments, KernelState before, KernelState after, string what)
    {
        var wanted = (
            true, arguments["mode"]?.GetValue<string>() ?? before.Mode, arguments["policy"]?.GetValue<string>() ?? before.Policy,
            (arguments["lease_us"]?.GetValue<int>() * 1000L ?? before.Times.LeaseNs, arguments["slice_us"]?.GetValue<int>() * 1000L ?? before.Times.SliceNs));
        Assert.True(wanted == (after.Attached, after.Mode, after.Policy, after.Times), $"{what}: not as asked");
    }

    private void AssertDirectives(string tool, JsonObject arguments, KernelState before, KernelState after, string what)
    {
        var threads = rig.Machine.ReadAll(TaskDetails.Cgroup | TaskDetails.Owner).Tasks.ToDictionary(task => task.Key);
        foreach (var key in before.Tasks.Keys.Union(after.Tasks.Keys))
        {
            AssertDirective(tool, arguments, before, after, $"{what} changed thread {key.Tid}", [threads[key]], before.Tasks.GetValueOrDefault(key), after.Tasks.GetValueOrDefault(key));
        }

        foreach (var path in before.Cgroups.Keys.Union(after.Cgroups.Keys))
        {
            AssertDirective(tool, arguments, before, after, $"{what} changed cgroup {path}", Within(path), before.Cgroups.GetValueOrDefault(path), after.Cgroups.GetValueOrDefault(path));
        }
    }

    private void AssertDirective(
        string tool, JsonObject arguments, KernelState before, KernelState after, string what, IReadOnlyList<TaskInfo> threads, Directive had, Directive has)
    {
        if (had == has)
        {
            return;
        }

        switch (tool)
        {
            case "extend":
                var extended = _numbers[arguments["change_id"]!.GetValue<string>()];
                Assert.True(WithoutExpiries(had) == WithoutExpiries(has), what);
                Assert.True(had.ClassExpiresNs == has.ClassExpiresNs || had.ClassIntent == extended, what);
                Assert.True(had.SliceExpiresNs == has.SliceExpiresNs || had.SliceIntent == extended, what);
                Assert.True(had.CpusExpiresNs == has.CpusExpiresNs || had.CpusIntent == extended, what);
                break;
            case "revert":
                var reverted = arguments["change_ids"] is JsonArray ids ? [.. ids.Select(id => _numbers.GetValueOrDefault(id!.GetValue<string>()))] : _numbers.Values.ToHashSet();
                Assert.True(((uint[])[had.ClassIntent, had.SliceIntent, had.CpusIntent]).Any(number => number != 0 && reverted.Contains(number)), what);
                break;
            case "run_experiment":
                // Time passes: what was there may have ended, or given way to it.
                var tried = arguments["intent"]!["command"]!.GetValue<string>();
                Assert.True(had != default || threads.All(task => HasCommand(task, tried)), what);
                break;
            case "apply_strategies":
                Assert.All(threads, task => Assert.True(HasCommand(task, arguments["strategies"]!["a"]![0]!["command_regex"]!.GetValue<string>()), what));
                Assert.True(WithoutClass(had) == WithoutClass(has) && has.Class is Core.SchedulingClass.High or Core.SchedulingClass.LatencyCritical, what);
                break;
            default:
                Assert.NotEmpty(threads);
                Assert.All(threads, task => Assert.True(IsNamed(task, arguments), what));
                Assert.True(
                    tool switch
                    {
                        "set_timeslice" => WithoutSlice(had) == WithoutSlice(has) && has.SliceNs == (ulong)arguments["slice_us"]!.GetValue<int>() * 1000,
                        "set_affinity" => WithoutCpus(had) == WithoutCpus(has) && after.CpusOf(has) == Cpus(arguments),
                        _ => WithoutClass(had) == WithoutClass(has) && Named(has.Class) == arguments["class"]!.GetValue<string>(),
                    },
                    what);
                break;
        }

        Assert.True(tool is not ("prioritize_pods" or "prioritize_tasks" or "set_timeslice") || before.CpusOf(had) == after.CpusOf(has), what);
    }

    // What a change that was not asked for anything with CPUs wants of them stays; reverting gives up, pinning wants one more or, renewed, the same.
    private static void AssertSets(string tool, JsonObject arguments, KernelState before, KernelState after, string what)
    {
        if (tool is "revert" or "run_experiment")
        {
            Assert.True(after.Sets.All(set => before.Sets.TryGetValue(set.Key, out var had) && had.Cpus == set.Value.Cpus && had.Uses >= set.Value.Uses), $"{what} and defined CPU sets");
            return;
        }

        var wanted = tool == "set_affinity" ? Cpus(arguments) : "";
        var others = before.Sets.Values.Where(set => set.Cpus != wanted).Order();
        Assert.True(others.SequenceEqual(after.Sets.Values.Where(set => set.Cpus != wanted).Order()), $"{what} and changed other CPU sets");
        var (had, has) = (Uses(before, wanted), Uses(after, wanted));
        Assert.True(tool == "set_affinity" ? has == Math.Max(1, had) || has == had + 1 : has == had, $"{what} and left {has} uses of its CPU set instead of {had}");
    }

    private static int Uses(KernelState state, string cpus) => state.Sets.Values.Where(set => set.Cpus == cpus).Sum(set => set.Uses);

    private IReadOnlyList<TaskInfo> Within(string path) =>
        [.. rig.Machine.ReadAll(TaskDetails.Cgroup | TaskDetails.Owner).Tasks.Where(task => IsBelow(task.Cgroup, path))];

    private bool IsNamed(TaskInfo task, JsonObject arguments) =>
        (arguments["pids"] is not JsonArray pids || pids.Any(pid => pid!.GetValue<int>() == task.Key.Tid || pid.GetValue<int>() == task.ProcessId)) &&
        (arguments["command"] is not { } command || HasCommand(task, command.GetValue<string>())) &&
        (arguments["namespace"] is not { } space || (_pods.TryGetValue(task.ProcessId, out var there) && there.Namespace == space.GetValue<string>())) &&
        (arguments["pods"] is not JsonArray pods || (_pods.TryGetValue(task.ProcessId, out var one) && pods.Any(name => name!.GetValue<string>() == one.Name))) &&
        (arguments["label_selector"] is not { } labels || (_pods.TryGetValue(task.ProcessId, out var labelled) && Meets(labels.GetValue<string>(), labelled.App))) &&
        (arguments["cgroup"] is not { } cgroup || IsBelow(task.Cgroup, cgroup.GetValue<string>())) &&
        (arguments["unit"] is not { } unit || task.Cgroup.Split('/').Contains(unit.GetValue<string>())) &&
        (arguments["uid"] is not { } uid || task.Uid == uid.GetValue<int>());

    private static bool HasCommand(TaskInfo task, string pattern) => Regex.IsMatch(task.Command, pattern) || Regex.IsMatch(task.ProcessCommand, pattern);

    private static bool IsBelow(string cgroup, string path) => cgroup == path || cgroup.StartsWith(path + "/", StringComparison.Ordinal);

    // Of a pod whose only label is app.
    private static bool Meets(string labels, string app) => Regex.Split(labels, ",(?![^(]*\\))").All(expression =>
    {
        var match = Regex.Match(expression.Trim(), "^(?<not>!?)(?<key>[^ =!]+)( *(?<operator>==?|!=|in|notin) *(?<values>.*))?$");
        var values = match.Groups["values"].Value.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries);
        var has = match.Groups["key"].Value == "app";
        return match.Groups["operator"].Value switch
        {
            "" => has != (match.Groups["not"].Length > 0),
            "!=" or "notin" => !has || !values.Contains(app),
            _ => has && values.Contains(app),
        };
    });

    private static string Cpus(JsonObject arguments)
    {
        var cpus = arguments["cpus"]!.GetValue<string>().Split(',').Select(part => part.Split('-').Select(int.Parse).ToList())
            .SelectMany(ends => Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)).Distinct().Order();
        return $"{(arguments["hard"]?.GetValue<bool>() is false ? "soft" : "hard")} {string.Join(',', cpus)}";
    }

    private static string Named(Core.SchedulingClass schedulingClass) => schedulingClass == Core.SchedulingClass.LatencyCritical ? "latency_critical" : schedulingClass.ToString().ToLowerInvariant();

    private static Directive WithoutClass(Directive directive) => directive with { Class = default, ClassIntent = 0, ClassExpiresNs = 0, BudgetNs = 0 };

    private static Directive WithoutSlice(Directive directive) => directive with { SliceNs = 0, SliceIntent = 0, SliceExpiresNs = 0 };

    private static Directive WithoutCpus(Directive directive) => directive with { CpuSet = 0, CpusIntent = 0, CpusExpiresNs = 0 };

    private static Directive WithoutExpiries(Directive directive) => directive with { ClassExpiresNs = 0, SliceExpiresNs = 0, CpusExpiresNs = 0 };
}
