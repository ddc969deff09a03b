using Coxswain.Core.Guards;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Cri;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Daemon;
using Coxswain.Mcp.Http;
using Coxswain.Mcp.Metrics;

namespace Coxswain.Mcp.Configuration;

/// <summary>What the operator of the machine has configured, checked.</summary>
internal sealed record Settings
{
    /// <summary>Bounds of changes.</summary>
    public OperatorLimits Limits { get; init; } = OperatorLimits.Default;

    /// <summary>When the daemon's own guard takes changes back.</summary>
    public GuardOptions Guard { get; init; } = new();

    /// <summary>Process names outside of pods that no change may touch, beside those that never may; a last * stands for any end.</summary>
    public IReadOnlyList<string> ProtectedCommands { get; init; } = [];

    /// <summary>Names of protected processes, and of kernel threads, that changes may put into a higher class; a last * stands for any end.</summary>
    public IReadOnlyList<string> RaisableCommands { get; init; } = [];

    /// <summary>Where the container runtime is looked for.</summary>
    public IReadOnlyList<string> RuntimeSockets { get; init; } = CriPodSource.DefaultPaths;

    /// <summary>Which tools are offered.</summary>
    public ToolSwitches Tools { get; init; } = new();

    /// <summary>Directory with prompts of the operator's own, which go before the built-in ones of the same name; empty for none.</summary>
    public string PromptsDirectory { get; init; } = "";

    /// <summary>Whether and how the Kubernetes API is asked.</summary>
    public KubernetesSettings Kubernetes { get; init; } = new();

    /// <summary>File that the active changes are kept in for a later run; empty for none.</summary>
    public string StateFile { get; init; } = "";

    /// <summary>Whether changes of an earlier run return.</summary>
    public bool RestoresState { get; init; }

    /// <summary>File that every call that changes something is recorded in; empty for none.</summary>
    public string AuditFile { get; init; } = "";

    /// <summary>The daemon's socket.</summary>
    public SocketSettings Socket { get; init; } = new();

    /// <summary>Who may do what at it.</summary>
    public RoleSettings Roles { get; init; } = new();

    /// <summary>The daemon over HTTP.</summary>
    public HttpSettings Http { get; init; } = new();

    /// <summary>Metrics for machines.</summary>
    public MetricsSettings Metrics { get; init; } = new();
}
