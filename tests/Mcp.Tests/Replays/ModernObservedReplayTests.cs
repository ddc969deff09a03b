namespace Coxswain.Mcp.Tests;

public sealed class ModernObservedReplayTests() : ObservedReplays(ToolRig.Modern);
