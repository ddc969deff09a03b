using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Testing;

/// <summary>A runtime that knows the pods that a test says.</summary>
internal sealed class FakePods : IPodSource
{
    private readonly List<PodInfo> _pods = [];

    /// <summary>Why it does not answer; empty: it does.</summary>
    public string Problem { get; set; } = "";

    public int Readings { get; private set; }

    public PodReading Read()
    {
        Readings++;
        return Problem.Length > 0 ? new PodReading([], Problem) : new PodReading([.. _pods], "");
    }

    /// <summary>Makes a pod known, with a uid and one container that follow from its name.</summary>
    /// <returns>The cgroup of its container.</returns>
    public string Start(string space, string name, params (string Key, string Value)[] labels)
    {
        var (uid, container) = (Uid(space, name), Container(space, name));
        _pods.Add(new PodInfo
        {
            Uid = uid,
            Namespace = space,
            Name = name,
            ContainerIds = [container],
            Labels = labels.ToDictionary(label => label.Key, label => label.Value),
        });
        return $"{Cgroup(space, name)}/{container}";
    }

    public void End(string space, string name) => _pods.RemoveAll(pod => pod.Namespace == space && pod.Name == name);

    /// <summary>The cgroup of a pod.</summary>
    public static string Cgroup(string space, string name) => $"/kubepods/burstable/pod{Uid(space, name)}";

    private static string Uid(string space, string name) => new Guid(Hash(space + name, 16)).ToString();

    private static string Container(string space, string name) => Convert.ToHexStringLower(Hash(name + space, 32));

    private static byte[] Hash(string text, int length) => System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))[..length];
}
