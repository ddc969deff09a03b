using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Intents;

/// <summary>Says which part of a selector no pod of this machine meets, and what may have been meant.</summary>
internal sealed class PodProblems(PodRegistry registry)
{
    private const int MaxShown = 10;

    /// <summary>Finds the pods that a selector names.</summary>
    /// <exception cref="IntentRejectedException">There are none, or one that is named does not exist.</exception>
    public IReadOnlyList<PodInfo> Check(Selector selector, ResolvedSelector target)
    {
        var table = registry.Table;
        if (table.Pods.Count == 0)
        {
            throw Rejected(table.Problem.Length > 0
                ? $"pods cannot be told apart here: {table.Problem}; processes can be named by pids, command, cgroup or unit"
                : "no pod runs on this machine");
        }

        var inNamespace = selector.Namespace.Length == 0
            ? table.Pods
            : [.. table.Pods.Where(pod => pod.Namespace == selector.Namespace)];
        if (inNamespace.Count == 0)
        {
            throw Rejected($"namespace '{selector.Namespace}' has no pods on this machine; {Known("namespaces here", selector.Namespace, table.Pods.Select(pod => pod.Namespace))}");
        }

        CheckNames(selector, inNamespace);
        var named = inNamespace.Where(target.Names).ToList();
        return named.Count > 0 ? named : throw Rejected(WrongLabel(selector, inNamespace));
    }

    private static void CheckNames(Selector selector, IReadOnlyList<PodInfo> pods)
    {
        var where = selector.Namespace.Length > 0 ? $" in namespace '{selector.Namespace}'" : " on this machine";
        foreach (var name in selector.PodNames)
        {
            if (!pods.Any(pod => pod.Name == name))
            {
                throw Rejected($"no pod '{name}'{where}; {Known("pods there", name, pods.Select(pod => pod.Name))}");
            }
        }
    }

    private static string WrongLabel(Selector selector, IReadOnlyList<PodInfo> pods)
    {
        foreach (var requirement in LabelSelector.TryParse(selector.Labels, out _)?.Requirements ?? [])
        {
            if (pods.Any(pod => requirement.Matches(pod.Labels)))
            {
                continue;
            }

            var values = pods.Where(pod => pod.Labels.ContainsKey(requirement.Key)).Select(pod => pod.Labels[requirement.Key]).ToList();
            return requirement.Operator is not (LabelOperator.In or LabelOperator.Exists)
                ? $"every pod there is excluded by '{requirement}'"
                : values.Count == 0
                    ? $"no pod there has a label '{requirement.Key}'; {Known("labels there", requirement.Key, pods.SelectMany(pod => pod.Labels.Keys))}"
                    : $"no pod there meets '{requirement}'; {Known($"values of '{requirement.Key}' there", requirement.Values[0], values)}";
        }

        return "no pod meets all of these expressions together";
    }

    // Similar ones if there are any, else what there is.
    private static string Known(string what, string wanted, IEnumerable<string> known)
    {
        var names = known.Where(name => name.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        var similar = NearMiss.Of(wanted, names);
        if (similar.Count > 0)
        {
            return $"similar: {string.Join(", ", similar)}";
        }

        var more = names.Count > MaxShown ? $" and {names.Count - MaxShown} more" : "";
        return names.Count == 0 ? $"{what}: none" : $"{what}: {string.Join(", ", names.Take(MaxShown))}{more}";
    }

    private static IntentRejectedException Rejected(string message) => new(RejectionCause.NoSuchPod, message);
}
