using System.Numerics;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

/// <summary>A group of CPUs with queues of its own: those of a last-level cache, or a CPU set.</summary>
internal sealed class SimulatedHome
{
    private readonly DispatchQueue[] _queues;
    private readonly ulong[] _cpus;

    public SimulatedHome(HomeKind kind, string name, int node, IEnumerable<int> cpus, int machineCpus, ulong nowNs)
    {
        Kind = kind;
        Node = node;
        BackgroundServedNs = nowNs;
        _cpus = new ulong[(machineCpus + 63) / 64];
        foreach (int cpu in cpus)
        {
            _cpus[cpu / 64] |= 1UL << cpu % 64;
        }
        Count = _cpus.Sum(BitOperations.PopCount);
        _queues = [.. Enum.GetNames<QueueKind>().Select(queue => new DispatchQueue($"{queue} of {name}"))];
    }

    public HomeKind Kind { get; }

    public bool IsSet => Kind != HomeKind.Llc;

    /// <summary>Do only its own CPUs take from it?</summary>
    public bool IsHard => Kind == HomeKind.Hard;

    /// <summary>NUMA node of an LLC.</summary>
    public int Node { get; }

    /// <summary>Number of its CPUs.</summary>
    public int Count { get; }

    /// <summary>One bit per CPU.</summary>
    public ReadOnlySpan<ulong> Cpus => _cpus;

    public ulong BackgroundServedNs { get; set; }

    public DispatchQueue Run => this[QueueKind.Run];

    public DispatchQueue Park => this[QueueKind.Park];

    public DispatchQueue Background => this[QueueKind.Background];

    public DispatchQueue Latency => this[QueueKind.Latency];

    public DispatchQueue Aged => this[QueueKind.Aged];

    public DispatchQueue this[QueueKind kind] => _queues[(int)kind];

    public bool Has(int cpu) => (_cpus[cpu / 64] >> cpu % 64 & 1) != 0;
}

/// <summary>The queues of a home, as in bpf/queues.bpf.h.</summary>
internal enum QueueKind
{
    Run,
    Park,
    Background,
    Latency,
    Aged,
}
