using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>The directive of one thread, read out of the kernel's map by a process that has nothing to do with the server.</summary>
/// <param name="Class">Number of the class: 0 unset, 1 background ... 5 latency_critical.</param>
/// <param name="SliceNs">0: unset.</param>
public sealed record KernelDirective(int Class, long SliceNs)
{
    public const int Background = 1;
    public const int High = 4;
    public const int LatencyCritical = 5;

    private static readonly KernelDirective s_none = new(0, 0);

    /// <summary>Those of the given threads, in their order; none is 0 and 0.</summary>
    public static async Task<IReadOnlyList<KernelDirective>> ReadAsync(Guest guest, IEnumerable<int> threads)
    {
        JsonElement all = (await guest.ControlAsync("coxswain-guest directives")).Succeeded().Json().GetProperty("directives");
        Dictionary<int, KernelDirective> found = all.EnumerateArray().ToDictionary(
            d => d.GetProperty("tid").GetInt32(),
            d => new KernelDirective(d.GetProperty("class").GetInt32(), d.GetProperty("slice_ns").GetInt64()));
        return [.. threads.Select(t => found.GetValueOrDefault(t, s_none))];
    }
}
