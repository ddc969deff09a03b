using System.Text;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Workloads.Cri;

/// <summary>The messages of runtime.proto: the two requests as they go over the wire, and the answers read from it.</summary>
internal static class PodMessages
{
    /// <summary>Most pods taken from one answer: ten times what Kubernetes supports on a node.</summary>
    public const int MaxPods = 10_000;

    /// <summary>Most containers taken from one answer.</summary>
    public const int MaxContainers = 50_000;

    // More than anybody uses by hand; a pod with more shows its first ones.
    private const int MaxLabels = 100;

    // What the kubelet adds for itself says nothing that the metadata does not.
    private static readonly string[] s_ownLabels = ["io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.pod.uid", "io.cri-containerd.kind"];

    /// <summary>filter { state { SANDBOX_READY } }: the state is 0, and so left out.</summary>
    public static byte[] ListReadyPods => [0x0A, 0x02, 0x12, 0x00];

    /// <summary>filter { state { CONTAINER_RUNNING } }.</summary>
    public static byte[] ListRunningContainers => [0x0A, 0x04, 0x12, 0x02, 0x08, 0x01];

    /// <summary>Reads a ListPodSandboxResponse and a ListContainersResponse.</summary>
    /// <param name="pods">Answer to <see cref="ListReadyPods"/>.</param>
    /// <param name="containers">Answer to <see cref="ListRunningContainers"/>.</param>
    /// <param name="complete">False when a bound was reached.</param>
    /// <exception cref="InvalidDataException">One of them is not such a message.</exception>
    public static IReadOnlyList<PodInfo> Read(ReadOnlySpan<byte> pods, ReadOnlySpan<byte> containers, out bool complete)
    {
        var ofSandbox = ReadContainers(containers, out complete);
        var found = new Dictionary<string, PodInfo>();
        var reader = new ProtoReader(pods);
        while (reader.Next(out var field))
        {
            if (field != 1)
            {
                continue;
            }

            if (found.Count >= MaxPods)
            {
                complete = false;
                break;
            }

            var (sandbox, pod) = ReadPod(reader.Bytes);
            List<string> ids = [sandbox, .. ofSandbox.GetValueOrDefault(sandbox) ?? []];
            if (pod.Uid.Length > 0)
            {
                // A pod whose sandbox was made anew may have two for a moment.
                found[pod.Uid] = found.TryGetValue(pod.Uid, out var other)
                    ? other with { ContainerIds = [.. other.ContainerIds, .. ids] }
                    : pod with { ContainerIds = ids };
            }
        }

        return [.. found.Values];
    }

    private static Dictionary<string, List<string>> ReadContainers(ReadOnlySpan<byte> message, out bool complete)
    {
        var ofSandbox = new Dictionary<string, List<string>>();
        var count = 0;
        complete = true;
        var reader = new ProtoReader(message);
        while (reader.Next(out var field))
        {
            if (field != 1)
            {
                continue;
            }

            if (++count > MaxContainers)
            {
                complete = false;
                break;
            }

            string id = "", sandbox = "";
            var container = new ProtoReader(reader.Bytes);
            while (container.Next(out field))
            {
                if (field == 1)
                {
                    id = Text(container.Bytes);
                }
                else if (field == 2)
                {
                    sandbox = Text(container.Bytes);
                }
            }

            (ofSandbox.TryGetValue(sandbox, out var ids) ? ids : ofSandbox[sandbox] = []).Add(id);
        }

        return ofSandbox;
    }

    private static (string Sandbox, PodInfo Pod) ReadPod(ReadOnlySpan<byte> message)
    {
        string sandbox = "", name = "", uid = "", space = "";
        var labels = new Dictionary<string, string>();
        var reader = new ProtoReader(message);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1: sandbox = Text(reader.Bytes); break;
                case 2: ReadMetadata(reader.Bytes, ref name, ref uid, ref space); break;
                case 5: ReadLabel(reader.Bytes, labels); break;
                default: break;
            }
        }

        return (sandbox, new PodInfo { Uid = uid, Name = name, Namespace = space, Labels = labels });
    }

    private static void ReadMetadata(ReadOnlySpan<byte> message, ref string name, ref string uid, ref string space)
    {
        var reader = new ProtoReader(message);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1: name = Text(reader.Bytes); break;
                case 2: uid = Text(reader.Bytes); break;
                case 3: space = Text(reader.Bytes); break;
                default: break;
            }
        }
    }

    private static void ReadLabel(ReadOnlySpan<byte> message, Dictionary<string, string> labels)
    {
        string key = "", value = "";
        var reader = new ProtoReader(message);
        while (reader.Next(out var field))
        {
            if (field == 1)
            {
                key = Text(reader.Bytes);
            }
            else if (field == 2)
            {
                value = Text(reader.Bytes);
            }
        }

        if (key.Length > 0 && labels.Count < MaxLabels && !s_ownLabels.Contains(key))
        {
            labels[key] = value;
        }
    }

    // Cut before it is decoded: a name of megabytes costs nothing.
    private static string Text(ReadOnlySpan<byte> utf8) =>
        CommandText.Clean(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * PodInfo.MaxTextLength)]), PodInfo.MaxTextLength);
}
