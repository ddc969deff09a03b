using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Cri;
using Coxswain.Mcp.Access;

namespace Coxswain.Mcp.Configuration;

/// <summary>What the operator of the machine has configured, checked.</summary>
internal sealed record Settings
{
    /// <summary>Bounds of changes.</summary>
    public OperatorLimits Limits { get; init; } = OperatorLimits.Default;

    /// <summary>Process names outside of pods that no change may touch, beside those that never may; a last * stands for any end.</summary>
    public IReadOnlyList<string> ProtectedCommands { get; init; } = [];

    /// <summary>Where the container runtime is looked for.</summary>
    public IReadOnlyList<string> RuntimeSockets { get; init; } = CriPodSource.DefaultPaths;

    /// <summary>Which tools are offered.</summary>
    public ToolSwitches Tools { get; init; } = new();

    /// <summary>Directory with prompts of the operator's own, which go before the built-in ones of the same name; empty for none.</summary>
    public string PromptsDirectory { get; init; } = "";

    /// <summary>File that every call that changes something is recorded in; empty for none.</summary>
    public string AuditFile { get; init; } = "";
}
