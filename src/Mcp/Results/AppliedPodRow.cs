using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>A pod that a change covers, with what the kernel has for its threads.</summary>
internal sealed record AppliedPodRow
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required int Threads { get; init; }

    [Description("Of most threads, as read back from the kernel.")]
    public TaskClass? Class { get; init; }
}
