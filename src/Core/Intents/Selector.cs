using System.Text;

namespace Coxswain.Core.Intents;

/// <summary>Names threads. What is given must hold together: a namespace and a command name the matching processes of its pods.</summary>
/// <remarks>Two selectors are equal when they name the same things in the same words.</remarks>
public sealed class Selector : IEquatable<Selector>
{
    private readonly IReadOnlyList<int> _pids = [];
    private readonly IReadOnlyList<string> _podNames = [];

    /// <summary>Ids, ascending, each once. A process id covers all threads of the process; the id of a thread that does not
    /// lead a process covers just that thread. Not combined with anything else.</summary>
    public IReadOnlyList<int> Pids
    {
        get => _pids;
        init => _pids = [.. value.Distinct().Order()];
    }

    /// <summary>Regex that must match somewhere in the name of the thread or of its process; empty for any.</summary>
    public string Command { get; init; } = "";

    /// <summary>Namespace of the pods; empty for any.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Label expressions that the pods must meet, as kubectl takes them; empty for any.</summary>
    public string Labels { get; init; } = "";

    /// <summary>Names of the pods, ascending, each once; empty for any.</summary>
    public IReadOnlyList<string> PodNames
    {
        get => _podNames;
        init => _podNames = [.. value.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Cgroup (v2), with all below it, e.g. /system.slice; empty for any.</summary>
    public string Cgroup { get; init; } = "";

    /// <summary>systemd unit, with all below it, e.g. nginx.service; empty for any.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Real user id of the process; null for any.</summary>
    public int? Uid { get; init; }

    /// <summary>True when it names pods, in whatever way.</summary>
    public bool NamesPods => Namespace.Length > 0 || Labels.Length > 0 || PodNames.Count > 0;

    /// <summary>True when it names whole cgroups, so that whatever is born in them is meant too.</summary>
    public bool NamesWholeCgroups => (NamesPods || Cgroup.Length > 0 || Unit.Length > 0) && Command.Length == 0 && Uid is null && Pids.Count == 0;

    /// <summary>How narrowly it names: of two changes for one thread, the one with the higher value holds. Ids before names of
    /// pods, then commands, labels, cgroups and units, users, and namespaces last; each further condition narrows.</summary>
    public int Specificity =>
        (Pids.Count > 0 ? 64 : 0) + (PodNames.Count > 0 ? 32 : 0) + (Command.Length > 0 ? 16 : 0) + (Labels.Length > 0 ? 8 : 0) +
        (Cgroup.Length > 0 || Unit.Length > 0 ? 4 : 0) + (Uid is not null ? 2 : 0) + (Namespace.Length > 0 ? 1 : 0);

    /// <summary>Names threads by process or thread ids.</summary>
    public static Selector OfPids(IEnumerable<int> pids) => new() { Pids = [.. pids] };

    /// <summary>Names threads by a regex over their own name and that of their process.</summary>
    public static Selector OfCommand(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new Selector { Command = command };
    }

    /// <inheritdoc/>
    public bool Equals(Selector? other) => other is not null && other.ToString() == ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Selector);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Add(text, "pids", string.Join(',', Pids));
        Add(text, "namespace", Namespace);
        Add(text, "labels", Labels);
        Add(text, "pods", string.Join(',', PodNames));
        Add(text, "cgroup", Cgroup);
        Add(text, "unit", Unit);
        Add(text, "uid", Uid is { } uid ? uid.ToString(System.Globalization.CultureInfo.InvariantCulture) : "");
        Add(text, "command", Command);
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append(text.Length > 0 ? " " : "").Append(name).Append(' ').Append(value);
        }
    }
}
