using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Cri;

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

    /// <summary>File that every call that changes something is recorded in; empty for none.</summary>
    public string AuditFile { get; init; } = "";
}
