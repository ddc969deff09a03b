using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>Why the scheduler ended, in shared memory; mirrors <c>struct cox_exit</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExitRecord
{
    public long Code;
    public int Kind;
    public uint Reserved;
    public ReasonText Reason;
    public MessageText Message;
    public DumpText Dump;

    [InlineArray(128)]
    internal struct ReasonText
    {
        private byte _first;
    }

    [InlineArray(1024)]
    internal struct MessageText
    {
        private byte _first;
    }

    [InlineArray(65536)]
    internal struct DumpText
    {
        private byte _first;
    }
}
