namespace Coxswain.Core.Simulation;

/// <summary>The kernel's weights of nice values, in hundredths of that of nice 0.</summary>
internal static class NiceWeights
{
    private const int Nice0 = 1024;

    /// <summary>From nice -20 to 19: a step is a factor of 1.25.</summary>
    private static ReadOnlySpan<int> Weights =>
    [
        88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
        9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
        1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
        110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
    ];

    public static ulong Of(int nice) => (ulong)Math.Clamp((Weights[nice + 20] * 100 + Nice0 / 2) / Nice0, 1, 10_000);
}
