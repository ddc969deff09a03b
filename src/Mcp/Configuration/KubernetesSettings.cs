namespace Coxswain.Mcp.Configuration;

/// <summary>Whether and how the Kubernetes API is asked for the pods of this node.</summary>
internal sealed record KubernetesSettings
{
    /// <summary>A kubeconfig; empty for none.</summary>
    public string Kubeconfig { get; init; } = "";

    /// <summary>Name of this node in the cluster; empty: that of the environment (NODE_NAME), else of the machine.</summary>
    public string Node { get; init; } = "";

    /// <summary>False: the account of the pod that this program runs in is not used, if it runs in one.</summary>
    public bool InCluster { get; init; } = true;
}
