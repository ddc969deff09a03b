namespace Coxswain.Mcp.Commands.Remote.Top;

/// <summary>What the rows are.</summary>
internal enum TopView
{
    Pods,
    Tasks,
}
