namespace Coxswain.Mcp.Access;

/// <summary>Which users of the machine have which role at the daemon's socket; the highest of a user's groups counts.</summary>
internal sealed record RoleSettings
{
    /// <summary>Groups that may look.</summary>
    public IReadOnlyList<string> Observe { get; init; } = [];

    /// <summary>Groups that may change how tasks are scheduled.</summary>
    public IReadOnlyList<string> Control { get; init; } = ["coxswain"];

    /// <summary>Groups that may change the scheduler of the whole machine. Root always may.</summary>
    public IReadOnlyList<string> Admin { get; init; } = [];

    /// <summary>The role of somebody.</summary>
    /// <param name="uid">The user.</param>
    /// <param name="groups">All groups of the process.</param>
    /// <param name="ownUid">The user that this program runs as.</param>
    /// <param name="groupId">Finds the id of a group; null: there is none of that name.</param>
    /// <returns>Null: none.</returns>
    public Toolset? Of(int uid, IReadOnlyCollection<int> groups, int ownUid, Func<string, int?> groupId)
    {
        return uid == 0 || uid == ownUid || IsIn(Admin) ? Toolset.Admin
            : IsIn(Control) ? Toolset.Control
            : IsIn(Observe) ? Toolset.Observe
            : null;

        bool IsIn(IReadOnlyList<string> names) => names.Any(name => groupId(name) is { } id && groups.Contains(id));
    }
}
