using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Kernel;

/// <summary>Which dispatch loop serves which last-level cache (LLC), and how much room each loop has.</summary>
/// <remarks>
/// One loop per LLC, so that a task's notice, its verdict and the policy's data stay in the caches that its CPUs share. Where
/// there are more than 16 LLCs, neighbours share a loop; so they do where an LLC has one CPU, as in virtual machines whose
/// CPUs are a package each: a loop serves dozens of CPUs without effort, and a thread for each CPU would only cost memory.
/// </remarks>
internal sealed class LoopPlan
{
    private const int MinCpus = 2;
    private const uint MinRingBytes = 1 << 18;
    private readonly int[] _loops;
    private readonly int[][] _llcs;
    private readonly int[][] _cpus;

    /// <param name="llcs">Those of the machine.</param>
    /// <param name="wanted">Loops; 0: as many as suit the machine.</param>
    /// <param name="ringBytes">Size of the notice ring where there is one loop.</param>
    public LoopPlan(IReadOnlyList<CpuTopology.Llc> llcs, int wanted, uint ringBytes)
    {
        int cpus = llcs.Sum(l => l.Cpus.Count);
        int most = Math.Min(llcs.Count, LoopState.Max);
        Count = Math.Clamp(wanted > 0 ? wanted : cpus / MinCpus, 1, most);
        _loops = [.. Enumerable.Range(0, llcs.Count).Select(llc => llc * Count / llcs.Count)];
        _llcs = [.. Enumerable.Range(0, Count).Select(loop => Enumerable.Range(0, llcs.Count).Where(llc => _loops[llc] == loop).ToArray())];
        _cpus = [.. _llcs.Select(mine => mine.SelectMany(llc => llcs[llc].Cpus).ToArray())];
        // Together about as much as one alone; but each enough for a crowd of tasks in its caches only.
        uint share = ringBytes / System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Count);
        RingBytes = Math.Max(share, Math.Min(ringBytes, MinRingBytes));
        Capacity = Math.Max(PolicyNames.Capacity / Count, PolicyNames.Capacity / 4);
    }

    /// <summary>Loops, 1 to 16.</summary>
    public int Count { get; }

    /// <summary>Size of each loop's notice ring, bytes, a power of two.</summary>
    public uint RingBytes { get; }

    /// <summary>Tasks that wait with each loop at most; more than fit into its ring.</summary>
    public int Capacity { get; }

    /// <summary>The loop of an LLC.</summary>
    public int OfLlc(int llc) => _loops[llc];

    /// <summary>The LLCs of a loop.</summary>
    public IReadOnlyList<int> LlcsOf(int loop) => _llcs[loop];

    /// <summary>The CPUs of a loop.</summary>
    public IReadOnlyList<int> CpusOf(int loop) => _cpus[loop];
}
