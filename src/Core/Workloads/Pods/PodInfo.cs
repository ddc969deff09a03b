namespace Coxswain.Core.Workloads.Pods;

/// <summary>A pod as its runtime describes it. All texts are what others chose: free of control characters, cut in length, data only.</summary>
public sealed record PodInfo
{
    /// <summary>Longest name, namespace or label kept, characters: that of Kubernetes for names.</summary>
    public const int MaxTextLength = 253;

    /// <summary>Uid of the pod; unique for ever.</summary>
    public required string Uid { get; init; }

    /// <summary>Namespace; empty when no runtime has told it.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Name; empty when no runtime has told it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Labels without those that the runtime adds for itself.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Ids of its sandbox and containers, as they appear in cgroup paths.</summary>
    public IReadOnlyList<string> ContainerIds { get; init; } = [];

    /// <summary>namespace/name, or the uid where these are not known.</summary>
    public string Title => Name.Length > 0 ? $"{Namespace}/{Name}" : Uid;

    /// <summary>True when a runtime has told name, namespace and labels.</summary>
    public bool IsDescribed => Name.Length > 0;
}
