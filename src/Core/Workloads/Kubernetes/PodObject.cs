using System.Text.Json;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>Reads what is needed of a Pod of the Kubernetes API; everything else in it is left alone.</summary>
internal static class PodObject
{
    private const int MaxLabels = 256;
    private const int MaxContainers = 256;

    // Of pods that the kubelet reads from files, the API has a copy with another uid; this is the one in the cgroup's name.
    private const string MirroredUid = "kubernetes.io/config.hash";

    /// <summary>Reads a pod.</summary>
    /// <returns>Null when it is none.</returns>
    public static PodInfo? Read(JsonElement pod)
    {
        if (!TryObject(pod, "metadata", out var metadata) || Text(metadata, "uid") is not { Length: > 0 } uid)
        {
            return null;
        }

        var mirrored = TryObject(metadata, "annotations", out var annotations) ? Text(annotations, MirroredUid) : "";
        return new PodInfo
        {
            Uid = mirrored.Length > 0 ? mirrored : uid,
            Namespace = Text(metadata, "namespace"),
            Name = Text(metadata, "name"),
            Labels = Labels(metadata),
            ContainerIds = Containers(pod),
        };
    }

    /// <summary>The uid that the API itself knows it by: that of the events about it.</summary>
    public static string ApiUid(JsonElement pod) => TryObject(pod, "metadata", out var metadata) ? Text(metadata, "uid") : "";

    /// <summary>The version of an object or of a list.</summary>
    public static string Version(JsonElement thing) => TryObject(thing, "metadata", out var metadata) ? Text(metadata, "resourceVersion") : "";

    /// <summary>True when all its containers have ended for good.</summary>
    public static bool HasEnded(JsonElement pod) => TryObject(pod, "status", out var status) && Text(status, "phase") is "Succeeded" or "Failed";

    /// <summary>A member that is an object.</summary>
    public static bool TryObject(JsonElement thing, string name, out JsonElement value)
    {
        value = default;
        return thing.ValueKind == JsonValueKind.Object && thing.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;
    }

    /// <summary>A member that is a text, cleaned and cut; empty when it is none.</summary>
    public static string Text(JsonElement thing, string name) =>
        thing.ValueKind == JsonValueKind.Object && thing.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? CommandText.Clean(value.GetString(), PodInfo.MaxTextLength)
            : "";

    private static Dictionary<string, string> Labels(JsonElement metadata)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in TryObject(metadata, "labels", out var found) ? found.EnumerateObject().Take(MaxLabels) : [])
        {
            if (label.Value.ValueKind == JsonValueKind.String)
            {
                labels[CommandText.Clean(label.Name, 2 * PodInfo.MaxTextLength)] = CommandText.Clean(label.Value.GetString(), PodInfo.MaxTextLength);
            }
        }

        return labels;
    }

    private static List<string> Containers(JsonElement pod)
    {
        var ids = new List<string>();
        if (!TryObject(pod, "status", out var status))
        {
            return ids;
        }

        foreach (var kind in new[] { "containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses" })
        {
            if (!status.TryGetProperty(kind, out var list) || list.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            foreach (var container in list.EnumerateArray().Take(MaxContainers))
            {
                // "containerd://0123..."
                var id = Text(container, "containerID");
                var at = id.IndexOf("://", StringComparison.Ordinal);
                if (at >= 0 && id.Length > at + 3)
                {
                    ids.Add(id[(at + 3)..]);
                }
            }
        }

        return ids;
    }
}
