using System.Security.Cryptography.X509Certificates;

namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>How the Kubernetes API is reached, and which pods are asked for.</summary>
public sealed record KubernetesAccess
{
    /// <summary>Base address, e.g. https://10.96.0.1:443.</summary>
    public required Uri Server { get; init; }

    /// <summary>Name of this machine in the cluster.</summary>
    public required string Node { get; init; }

    /// <summary>Reads the bearer token, for each connection anew, as the kubelet replaces it; null: none.</summary>
    public Func<string>? ReadToken { get; init; }

    /// <summary>Whom the server's certificate must come from; null: whom the machine trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Certificate with key to identify with; null: none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>True: whoever answers is trusted, as the kubeconfig says.</summary>
    public bool SkipsVerification { get; init; }
}
