using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The pods of a simulated machine, as its container runtime would tell them. Thread-safe.</summary>
public sealed class SimulatedPods : IPodSource
{
    private readonly Lock _gate = new();
    private readonly List<PodInfo> _pods = [];

    /// <summary>Makes a pod of one container known. Uid and container follow from its name, so that a run can be repeated.</summary>
    /// <returns>The cgroup of the container, as systemd's driver and containerd name it.</returns>
    public string Add(string space, string name, IReadOnlyDictionary<string, string> labels)
    {
        byte[] hash = Digits($"{space}/{name}");
        string uid = new Guid(hash.AsSpan(0, 16)).ToString();
        string container = Convert.ToHexStringLower(hash);
        lock (_gate)
        {
            _pods.Add(new PodInfo { Uid = uid, Namespace = space, Name = name, Labels = labels, ContainerIds = [container] });
        }
        return $"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{uid.Replace('-', '_')}.slice/cri-containerd-{container}.scope";
    }

    // Not cryptographic: that would need a library that small machines lack.
    private static byte[] Digits(string name)
    {
        int seed = name.Aggregate(17, (hash, c) => unchecked(hash * 31 + c));
        byte[] digits = new byte[32];
        new Random(seed).NextBytes(digits);
        return digits;
    }

    /// <inheritdoc/>
    public PodReading Read()
    {
        lock (_gate)
        {
            return new PodReading([.. _pods], "");
        }
    }
}
