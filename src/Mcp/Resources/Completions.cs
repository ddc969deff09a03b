using Coxswain.Core.Intents;
using Coxswain.Core.Policies;
using Coxswain.Core.Workloads.Pods;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Resources;

/// <summary>Completes arguments of prompts and of the pod's address by what there is.</summary>
internal sealed class Completions(PodRegistry pods, IntentService intents)
{
    private const int Most = 100; // as the protocol says
    private static readonly string[] s_classes = ["latency_critical", "high", "normal", "low", "background"];

    /// <summary>The values that begin with what is typed; of pods also those that contain it.</summary>
    public CompleteResult Complete(CompleteRequestParams? request)
    {
        var typed = request?.Argument.Value ?? "";
        var known = Known(request).Distinct(StringComparer.Ordinal).ToList();
        var matching = known.Where(value => value.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)
            .Concat(known.Where(value => !value.StartsWith(typed, StringComparison.OrdinalIgnoreCase) && value.Contains(typed, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
            .ToList();
        return new CompleteResult
        {
            Completion = new Completion { Values = [.. matching.Take(Most)], Total = matching.Count, HasMore = matching.Count > Most },
        };
    }

    private IEnumerable<string> Known(CompleteRequestParams? request)
    {
        var isPod = request?.Ref is ResourceTemplateReference;
        return request?.Argument.Name switch
        {
            "namespace" => Described().Select(pod => pod.Namespace),
            "pod" => Names(request),
            "name" when isPod => Names(request),
            "class" => s_classes,
            "policy" => PolicyNames.All,
            "change_id" => intents.Changes(includeEnded: false).Select(change => change.Id),
            _ => [],
        };
    }

    private IEnumerable<string> Names(CompleteRequestParams request)
    {
        var space = request.Context?.Arguments?.TryGetValue("namespace", out var given) is true ? given : "";
        return Described().Where(pod => space.Length == 0 || pod.Namespace == space).Select(pod => pod.Name);
    }

    private IEnumerable<PodInfo> Described() => pods.Refresh().Pods.Where(pod => pod.IsDescribed);
}
