namespace Coxswain.Mcp.Access;

/// <summary>A call brings along a state (requestState) that was not given out for it: made up, altered, used before, or another call's.</summary>
/// <remarks>An error of the protocol, not of the tool: a client passes states on, and neither a model nor a person can put this right.</remarks>
internal sealed class UnknownStateException(string message) : Exception(message);
