namespace Coxswain.Core.Observe.Experiments;

/// <summary>What the differences of pairs say of their mean, whatever they are distributed like, as long as chance takes either sign as easily.</summary>
internal static class PairedTest
{
    /// <summary>Up to so many pairs every case is looked at; above, cases are drawn.</summary>
    private const int MostEnumerated = 12;

    private const int Draws = 20_000;

    /// <summary>Probability that differences whose signs are chance have a mean as far from 0 (permutation test, two-sided).</summary>
    /// <param name="differences">One for each pair.</param>
    /// <param name="seed">The same seed gives the same draws.</param>
    public static double P(IReadOnlyList<double> differences, int seed)
    {
        var observed = Math.Abs(differences.Sum());
        // Sums of the same numbers in another order may differ in their last digits.
        var least = observed - 1e-9 * Math.Max(1, observed);
        var total = differences.Sum();
        long extreme = 0, cases = 0;
        foreach (var (sum, _) in Subsets(differences, seed))
        {
            // Those of the subset keep their sign, the others change it.
            extreme += Math.Abs(2 * sum - total) >= least ? 1 : 0;
            cases++;
        }

        return (double)extreme / cases;
    }

    /// <summary>The interval that holds the true mean in at least that many cases: the means of all subsets are equally likely neighbours of it
    /// (Hartigan's typical values).</summary>
    /// <param name="differences">One for each pair.</param>
    /// <param name="seed">The same seed gives the same draws.</param>
    /// <param name="level">Share of cases in which it may miss, e.g. 0.05.</param>
    public static (double Low, double High) Interval(IReadOnlyList<double> differences, int seed, double level)
    {
        List<double> means = [];
        foreach (var (sum, count) in Subsets(differences, seed))
        {
            if (count > 0)
            {
                means.Add(sum / count);
            }
        }

        means.Sort();
        var cut = Math.Max(1, (int)((means.Count + 1) * level / 2));
        return (means[cut - 1], means[^cut]);
    }

    private static IEnumerable<(double Sum, int Count)> Subsets(IReadOnlyList<double> values, int seed)
    {
        var random = values.Count > MostEnumerated ? new Random(seed) : null;
        long cases = random is null ? 1L << values.Count : Draws;
        for (long i = 0; i < cases; i++)
        {
            var members = random?.NextInt64() ?? i;
            double sum = 0;
            var count = 0;
            for (var j = 0; j < values.Count; j++)
            {
                if ((members >> j & 1) != 0)
                {
                    sum += values[j];
                    count++;
                }
            }

            yield return (sum, count);
        }
    }
}
