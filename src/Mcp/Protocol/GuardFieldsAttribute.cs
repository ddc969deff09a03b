namespace Coxswain.Mcp.Protocol;

/// <summary>An argument that holds a guard, whose fields <see cref="ToolSchemas"/> writes into its schema.</summary>
/// <remarks>One of the tools has it: a model reads all of them, and each byte is paid for in every conversation.</remarks>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class GuardFieldsAttribute : Attribute;
