using System.Globalization;

namespace Coxswain.Mcp.Access;

/// <summary>Who is at the other end of a connection, as far as this machine vouches for it.</summary>
/// <param name="Kind">socket or http.</param>
/// <param name="Name">What changes and the audit file call it, e.g. "uid 1000" or "token ci".</param>
/// <param name="Role">The most that it may use.</param>
internal sealed record Peer(string Kind, string Name, Toolset Role)
{
    private static readonly AsyncLocal<Peer?> s_current = new();

    /// <summary>Who the present call comes from; null where the client started this program itself.</summary>
    /// <remarks>Flows with the call: calls of one connection may be handled by any thread.</remarks>
    public static Peer? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>User of the process at the other end of a socket.</summary>
    public int? Uid { get; init; }

    /// <summary>That process, in this machine's numbers.</summary>
    public int? Pid { get; init; }

    /// <summary>Its program, if that can be seen.</summary>
    public string Program { get; init; } = "";

    /// <summary>Address at the other end of an HTTP connection.</summary>
    public string Address { get; init; } = "";

    /// <summary>For the log: everything that is known.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name} ({Kind}{(Pid is { } pid ? $", pid {pid} {Program}" : "")}{(Address.Length > 0 ? $", {Address}" : "")}, role {Toolsets.Name(Role)})");
}
