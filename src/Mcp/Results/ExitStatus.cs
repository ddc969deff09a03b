using System.ComponentModel;

namespace Coxswain.Mcp.Results;

internal sealed record ExitStatus
{
    [Description("The kernel's number of the exit kind: 64 to 66 are orderly, from 1024 on errors.")]
    public required int Kind { get; init; }

    public required long Code { get; init; }

    public required string Reason { get; init; }

    public required string Message { get; init; }
}
