namespace Coxswain.Mcp.Protocol;

/// <summary>Bounds of a list argument, which <see cref="ToolSchemas"/> writes into its schema.</summary>
/// <remarks>The framework's own attributes for the length of a list use reflection that trimming would break.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class ItemsAttribute(int most) : Attribute
{
    /// <summary>Most entries; at least one is always required.</summary>
    public int Most => most;

    /// <summary>Least value of an entry, for numbers.</summary>
    public int Minimum { get; init; }

    /// <summary>Largest value of an entry, for numbers; 0: not bounded.</summary>
    public int Maximum { get; init; }
}
