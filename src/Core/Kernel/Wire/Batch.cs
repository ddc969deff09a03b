using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>Argument of the program that applies verdicts; mirrors <c>struct cox_batch</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Batch
{
    /// <summary>Most verdicts in one batch (COX_BATCH_MAX).</summary>
    public const int Max = 256;

    public uint Count;
    public uint Applied;
    public uint Loop;
    public uint Reserved;
}
