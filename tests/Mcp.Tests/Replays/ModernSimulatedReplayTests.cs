namespace Coxswain.Mcp.Tests;

public sealed class ModernSimulatedReplayTests() : SimulatedReplays(ToolRig.Modern);
