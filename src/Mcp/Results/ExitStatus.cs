using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ExitStatus
{
    [Description("Exit kind in the kernel: 64 to 66 are orderly, from 1024 on errors.")]
    public required int Kind { get; init; }

    public required long Code { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }
}
