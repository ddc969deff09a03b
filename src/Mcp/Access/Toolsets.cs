using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Access;

/// <summary>Which set a tool belongs to.</summary>
internal static class Toolsets
{
    private static readonly string[] s_admin = ["set_mode", "set_policy", "start_scheduler", "stop_scheduler"];

    /// <summary>Names of the sets, as in the configuration.</summary>
    public static IReadOnlyList<string> Names { get; } = ["observe", "control", "admin"];

    /// <summary>The set of a tool.</summary>
    public static Toolset Of(Tool tool) =>
        tool.Annotations?.ReadOnlyHint == true ? Toolset.Observe : s_admin.Contains(tool.Name) ? Toolset.Admin : Toolset.Control;

    /// <summary>Name of a set.</summary>
    public static string Name(Toolset set) => Names[(int)set];
}
