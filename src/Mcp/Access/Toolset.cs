namespace Coxswain.Mcp.Access;

/// <summary>What a tool is for; a role, or the operator, allows whole sets.</summary>
internal enum Toolset
{
    /// <summary>Looks, and changes nothing.</summary>
    Observe,

    /// <summary>Changes how tasks are scheduled, for a time.</summary>
    Control,

    /// <summary>Changes the scheduler of the whole machine.</summary>
    Admin,
}
