namespace Coxswain.Mcp.Commands.Remote;

/// <summary>The daemon cannot be asked, or refused; the message says why and what to do.</summary>
internal sealed class DaemonException(string message) : Exception(message);
