namespace Coxswain.Core.Observe;

/// <summary>The rank test of Mann and Whitney, two-sided, with the normal approximation corrected for ties.</summary>
internal static class RankTest
{
    /// <summary>Probability that two samples of the same distribution differ at least so much in their ranks.</summary>
    public static double P(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        double n1 = first.Count, n2 = second.Count, n = n1 + n2;
        var all = first.Select(value => (Value: value, First: true)).Concat(second.Select(value => (Value: value, First: false)))
            .OrderBy(entry => entry.Value).ToArray();
        double ranks = 0, ties = 0;
        for (var i = 0; i < all.Length;)
        {
            var end = i;
            while (end < all.Length && all[end].Value == all[i].Value)
            {
                end++;
            }

            var rank = (i + 1 + end) / 2.0; // the mean of the ranks i + 1 to end
            double equal = end - i;
            ties += equal * equal * equal - equal;
            for (; i < end; i++)
            {
                ranks += all[i].First ? rank : 0;
            }
        }

        var u = ranks - n1 * (n1 + 1) / 2;
        var variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
        if (n1 == 0 || n2 == 0 || variance <= 0)
        {
            return 1;
        }

        var z = Math.Max(0, Math.Abs(u - n1 * n2 / 2) - 0.5) / Math.Sqrt(variance);
        return Math.Clamp(2 * UpperTail(z), 0, 1);
    }

    // Abramowitz and Stegun 26.2.17; exact to 1e-7.
    private static double UpperTail(double z)
    {
        var t = 1 / (1 + 0.2316419 * z);
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        return density * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    }
}
