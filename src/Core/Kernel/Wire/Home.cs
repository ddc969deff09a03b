using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>A group of CPUs with queues of its own, in shared memory; mirrors <c>struct cox_home</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Home
{
    /// <summary>Most homes (COX_MAX_HOMES).</summary>
    public const int Max = 256;

    /// <summary>Most LLCs (COX_MAX_LLCS): the number of the home of CPU set 0.</summary>
    public const int MaxLlcs = 128;

    /// <summary>Most CPU sets (COX_MAX_CPU_SETS), of which the first is none.</summary>
    public const int MaxCpuSets = 128;

    public CpuBits Cpus;
    public ulong BackgroundServedNs;
    public HomeKind Kind;
    public int Node;
    public uint NrOnline;
    public uint HasQueues;
    public uint Loop;
    public uint Reserved;

    /// <summary>One bit per CPU id.</summary>
    [InlineArray(Words)]
    internal struct CpuBits
    {
        /// <summary>COX_CPU_WORDS.</summary>
        public const int Words = 16;
        private ulong _first;
    }
}

/// <summary>Mirrors <c>enum cox_home_kind</c>.</summary>
internal enum HomeKind : uint
{
    Free = 0,
    Llc = 1,
    Soft = 2,
    Hard = 3,
}
