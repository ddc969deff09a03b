namespace Coxswain.Mcp.Tests;

public sealed class LegacySimulatedReplayTests() : SimulatedReplays(ToolRig.Legacy);
