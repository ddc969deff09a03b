namespace Coxswain.Mcp.Tests;

public sealed class LegacyObservedReplayTests() : ObservedReplays(ToolRig.Legacy);
