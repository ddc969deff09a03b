namespace Coxswain.Mcp.Tools;

/// <summary>A tool cannot do what was asked; the message tells the agent why, and what to do instead.</summary>
internal sealed class ToolRefusedException(string message) : Exception(message);
