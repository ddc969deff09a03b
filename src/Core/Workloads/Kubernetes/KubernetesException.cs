namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>The Kubernetes API gave no usable answer; the message says which, as the end of a sentence.</summary>
internal sealed class KubernetesException(string message, bool isGone = false) : Exception(message)
{
    /// <summary>True when the version that was watched from is too old: all must be listed anew.</summary>
    public bool IsGone => isGone;
}
