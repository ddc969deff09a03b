using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Everything in the kernel that a call could change.</summary>
internal sealed class KernelState
{
    private KernelState()
    {
    }

    public required Dictionary<TaskKey, Directive> Tasks { get; init; }

    public required Dictionary<string, Directive> Cgroups { get; init; }

    /// <summary>CPU sets by number, and how many changes want each.</summary>
    public required Dictionary<int, (string Cpus, int Uses)> Sets { get; init; }

    public required bool Attached { get; init; }

    public required string Mode { get; init; }

    public required string Policy { get; init; }

    public required (long LeaseNs, long SliceNs) Times { get; init; }

    public static KernelState Of(FakeKernel kernel)
    {
        var snapshot = kernel.Snapshot();
        return new KernelState
        {
            // Which writing it was is no difference.
            Tasks = kernel.Held.ToDictionary(pair => pair.Key, pair => pair.Value with { Generation = 0 }),
            Cgroups = kernel.HeldByCgroups.ToDictionary(pair => pair.Key, pair => pair.Value with { Generation = 0 }),
            Sets = kernel.DefinedSets.ToDictionary(),
            Attached = snapshot.Attached,
            Mode = snapshot.Mode,
            Policy = snapshot.Policy,
            Times = (snapshot.LeaseNs, snapshot.SliceNs),
        };
    }

    /// <summary>The CPU set of a directive, e.g. "hard 0,1"; empty when it has none.</summary>
    public string CpusOf(in Directive directive) => directive.CpuSet == 0 ? "" : Sets[(int)directive.CpuSet].Cpus;

    public void AssertSameDirectives(KernelState other, string what)
    {
        Assert.True(IsSame(Tasks, other.Tasks), $"{what} and changed threads");
        Assert.True(IsSame(Cgroups, other.Cgroups), $"{what} and changed cgroups");
        Assert.True(IsSame(Sets, other.Sets), $"{what} and changed CPU sets");
    }

    public void AssertSameScheduler(KernelState other, string what) =>
        Assert.True((Attached, Mode, Policy, Times) == (other.Attached, other.Mode, other.Policy, other.Times), $"{what} and changed the scheduler");

    private static bool IsSame<TKey, TValue>(Dictionary<TKey, TValue> some, Dictionary<TKey, TValue> others)
        where TKey : notnull =>
        some.Count == others.Count && some.All(pair => others.TryGetValue(pair.Key, out var other) && pair.Value!.Equals(other));
}
