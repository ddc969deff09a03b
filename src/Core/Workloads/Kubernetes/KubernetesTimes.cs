namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>How long the Kubernetes API is waited for.</summary>
public sealed record KubernetesTimes
{
    /// <summary>Longest wait for a list.</summary>
    public TimeSpan List { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After this time the server ends a watch by itself, and the next one begins.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Longest silence of a watch; servers send a bookmark each minute.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait before it is tried again after a failure; doubled each time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest such wait.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);
}
