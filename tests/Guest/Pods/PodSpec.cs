using System.Globalization;

namespace Coxswain.Guest.Pods;

/// <summary>A pod as the kubelet would ask for it.</summary>
/// <param name="Namespace">Kubernetes namespace.</param>
/// <param name="Name">Name within the namespace.</param>
/// <param name="Uid">Names its cgroup too.</param>
/// <param name="Labels">In the order in which they are sent.</param>
internal sealed record PodSpec(string Namespace, string Name, string Uid, IReadOnlyList<(string Key, string Value)> Labels)
{
    /// <summary>Its cgroup, below the root of the hierarchy.</summary>
    public string Cgroup => $"/kubepods/burstable/pod{Uid}";

    /// <summary>Its processes now, as this machine numbers them.</summary>
    public IReadOnlyList<int> Pids =>
    [
        .. Directory.EnumerateFiles("/sys/fs/cgroup" + Cgroup, "cgroup.procs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Select(line => int.Parse(line, CultureInfo.InvariantCulture)),
    ];
}
