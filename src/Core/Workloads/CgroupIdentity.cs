namespace Coxswain.Core.Workloads;

/// <summary>What the path of a cgroup (v2) says about whose it is. Only names are looked at: nothing here is checked with a runtime.</summary>
/// <remarks>
/// Knows the layouts of systemd's and of the cgroupfs driver, of containerd, CRI-O, Docker and Podman, and those nested in one
/// another. Where pods are nested, the outermost is meant: it is the one that this machine's runtime knows.
/// </remarks>
public sealed record CgroupIdentity
{
    private const int ContainerIdLength = 64;
    private const int PodUidDigits = 32;

    // Longest first where one begins with another.
    private static readonly (string Prefix, string Runtime)[] s_runtimes =
    [
        ("cri-containerd-", "containerd"), ("crio-", "cri-o"), ("docker-", "docker"), ("libpod-", "podman"),
    ];

    /// <summary>Uid of the pod, with hyphens; empty when it is none.</summary>
    public string PodUid { get; private init; } = "";

    /// <summary>The pod's own cgroup, above those of its containers; empty when it is none.</summary>
    public string PodPath { get; private init; } = "";

    /// <summary>Id of the container, 64 hexadecimal digits; empty when it is none.</summary>
    public string ContainerId { get; private init; } = "";

    /// <summary>The container's own cgroup; empty when it is none.</summary>
    public string ContainerPath { get; private init; } = "";

    /// <summary>containerd, cri-o, docker or podman, where the name tells; else empty.</summary>
    public string Runtime { get; private init; } = "";

    /// <summary>guaranteed, burstable or besteffort for pods; else empty.</summary>
    public string Qos { get; private init; } = "";

    /// <summary>Innermost systemd service or scope; empty when there is none.</summary>
    public string Unit { get; private init; } = "";

    /// <summary>Innermost systemd slice; empty when there is none.</summary>
    public string Slice { get; private init; } = "";

    /// <summary>True for what runs in a pod or a container.</summary>
    public bool IsContained => PodUid.Length > 0 || ContainerId.Length > 0;

    /// <summary>Reads a path as in /proc/PID/cgroup. Any text is accepted; what is not known is left empty.</summary>
    public static CgroupIdentity Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var identity = new CgroupIdentity();
        var qos = "guaranteed";
        var inKubepods = false;
        var start = 0;
        while (start < path.Length)
        {
            var end = path.IndexOf('/', start);
            end = end < 0 ? path.Length : end;
            var name = path.AsSpan(start, end - start);
            if (identity.PodUid.Length == 0)
            {
                inKubepods |= name.Contains("kubepods", StringComparison.Ordinal);
                qos = QosOf(name) ?? qos;
                if (inKubepods && PodUidOf(name) is { } uid)
                {
                    // A container further out holds the whole kubelet: not what is meant.
                    identity = identity with { PodUid = uid, PodPath = path[..end], Qos = qos, ContainerId = "", ContainerPath = "", Runtime = "" };
                }
            }

            if (identity.ContainerId.Length == 0 && ContainerOf(name) is var (id, runtime))
            {
                identity = identity with { ContainerId = id, Runtime = runtime, ContainerPath = path[..end] };
            }

            identity = identity.WithUnit(name);
            start = end + 1;
        }

        return identity;
    }

    /// <summary>Tells whether a cgroup is another one or below it.</summary>
    public static bool IsWithin(string path, string ancestor)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(ancestor);
        return path.StartsWith(ancestor, StringComparison.Ordinal) &&
            (path.Length == ancestor.Length || ancestor is "/" || path[ancestor.Length] == '/');
    }

    private CgroupIdentity WithUnit(ReadOnlySpan<char> name) => name switch
    {
        _ when name.EndsWith(".service", StringComparison.Ordinal) || name.EndsWith(".scope", StringComparison.Ordinal) => this with { Unit = name.ToString() },
        _ when name.EndsWith(".slice", StringComparison.Ordinal) => this with { Slice = name.ToString() },
        _ => this,
    };

    private static string? QosOf(ReadOnlySpan<char> name) =>
        name.Contains("besteffort", StringComparison.Ordinal) ? "besteffort" :
        name.Contains("burstable", StringComparison.Ordinal) ? "burstable" : null;

    // "pod<uid>" (cgroupfs) or "kubepods-burstable-pod<uid>.slice" (systemd, which allows no hyphens: underscores instead).
    private static string? PodUidOf(ReadOnlySpan<char> name)
    {
        if (name.EndsWith(".slice", StringComparison.Ordinal))
        {
            name = name[..^".slice".Length];
        }
        else if (name.IndexOf(".slice:", StringComparison.Ordinal) is > 0 and var colon)
        {
            name = name[..colon]; // a runtime set to systemd's driver under a kubelet that is not: "<pod>.slice:cri-containerd:<id>"
        }

        var at = name.LastIndexOf("pod", StringComparison.Ordinal);
        if (at < 0 || (at > 0 && name[at - 1] != '-'))
        {
            return null;
        }

        var uid = name[(at + "pod".Length)..];
        var digits = 0;
        foreach (var c in uid)
        {
            digits += char.IsAsciiHexDigit(c) ? 1 : 0;
            if (!char.IsAsciiHexDigit(c) && c is not ('-' or '_'))
            {
                return null;
            }
        }

        // A UUID, or the hash that the kubelet takes for pods from files.
        return digits == PodUidDigits && uid.Length is PodUidDigits or PodUidDigits + 4 ? uid.ToString().Replace('_', '-') : null;
    }

    private static (string Id, string Runtime)? ContainerOf(ReadOnlySpan<char> name)
    {
        if (name.EndsWith(".scope", StringComparison.Ordinal))
        {
            name = name[..^".scope".Length];
        }

        if (name.Length < ContainerIdLength || !IsHex(name[^ContainerIdLength..]))
        {
            return null;
        }

        var id = name[^ContainerIdLength..].ToString();
        var prefix = name[..^ContainerIdLength];
        if (prefix.IsEmpty)
        {
            return (id, "");
        }

        foreach (var (known, runtime) in s_runtimes)
        {
            if (prefix.SequenceEqual(known))
            {
                return (id, runtime);
            }
        }

        // "crio-conmon-<id>" is the monitor of a container, not the container.
        return prefix.EndsWith(":cri-containerd:", StringComparison.Ordinal) ? (id, "containerd") : null;
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
