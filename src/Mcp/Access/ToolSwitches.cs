using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Access;

/// <summary>Which tools the operator offers, and in which words.</summary>
internal sealed record ToolSwitches
{
    /// <summary>Longest description that an operator may give a tool.</summary>
    public const int MaxDescription = 600;

    /// <summary>Nothing may be changed, by no tool.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>No tool that may do harm to what it does not name.</summary>
    public bool DisableDestructive { get; init; }

    /// <summary>The sets that are offered; empty: all.</summary>
    public IReadOnlyList<string> Toolsets { get; init; } = [];

    /// <summary>Tools offered beside those of the sets.</summary>
    public IReadOnlyList<string> Enabled { get; init; } = [];

    /// <summary>Tools not offered.</summary>
    public IReadOnlyList<string> Disabled { get; init; } = [];

    /// <summary>Descriptions in the operator's words, by tool.</summary>
    public IReadOnlyDictionary<string, string> Descriptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Tells why a tool is not offered.</summary>
    /// <returns>Empty when it is.</returns>
    public string WhyOff(Tool tool)
    {
        var set = Access.Toolsets.Name(Access.Toolsets.Of(tool));
        return (tool.Annotations?.ReadOnlyHint, tool.Annotations?.DestructiveHint) switch
        {
            (not true, _) when ReadOnly => "this server is read-only (--read-only, or tools.read_only), and the tool changes something; dry_run shows what a change would do",
            (_, true) when DisableDestructive => "this server offers no destructive tool (--disable-destructive, or tools.disable_destructive)",
            _ when Disabled.Contains(tool.Name) => "the operator has disabled it (tools.disabled)",
            _ when Toolsets.Count > 0 && !Toolsets.Contains(set) && !Enabled.Contains(tool.Name) =>
                $"it belongs to the toolset {set}, and this server offers {string.Join(", ", Toolsets)} (--toolsets, or tools.toolsets)",
            _ => "",
        };
    }

    // An empty list would mean all.
    private static List<string> Both(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        List<string> both = [.. one.Intersect(other)];
        return both.Count > 0 ? both : ["none"];
    }

    /// <summary>Adds what the command line asks for: it can take away, and never give back.</summary>
    public ToolSwitches And(ToolSwitches commandLine) => this with
    {
        ReadOnly = ReadOnly || commandLine.ReadOnly,
        DisableDestructive = DisableDestructive || commandLine.DisableDestructive,
        Toolsets = (Toolsets.Count, commandLine.Toolsets.Count) switch
        {
            (_, 0) => Toolsets,
            (0, _) => commandLine.Toolsets,
            _ => Both(Toolsets, commandLine.Toolsets),
        },
    };
}
