namespace Coxswain.Core.Observe;

/// <summary>What the observer costs on a machine, as measured there.</summary>
/// <param name="Ratio">CPU time of a ping-pong of two threads with the observer, divided by that without; median of the pairs.</param>
/// <param name="RatioLow">Lower end of the 95 % confidence interval of that median, by order statistics.</param>
/// <param name="RatioHigh">Upper end of it.</param>
/// <param name="NsPerSwitch">CPU time that a switch with its wake-up takes longer, ns; median of the pairs.</param>
/// <param name="SwitchNs">CPU time that it takes without, ns; median.</param>
/// <param name="Pairs">How often it was measured with and without, in turns.</param>
/// <param name="RollUpNs">CPU time that collecting one second took, ns.</param>
/// <param name="Threads">Threads that did something meanwhile.</param>
public sealed record ObserverCost(
    double Ratio, double RatioLow, double RatioHigh, double NsPerSwitch, double SwitchNs, int Pairs, long RollUpNs, int Threads)
{
    /// <summary>Two-sided 95 % of the normal distribution.</summary>
    private const double Z = 1.96;

    /// <summary>Sums measurements up.</summary>
    /// <param name="pairs">CPU time of a switch with the observer and without, ns; at least one.</param>
    /// <param name="rollUpNs">CPU time of collecting one second, ns.</param>
    /// <param name="threads">Threads that did something meanwhile.</param>
    internal static ObserverCost Of(IReadOnlyList<(double With, double Without)> pairs, long rollUpNs, int threads)
    {
        double[] ratios = [.. pairs.Select(pair => pair.With / pair.Without).Order()];
        var spread = Z * Math.Sqrt(ratios.Length);
        return new ObserverCost(
            Median(ratios),
            ratios[Math.Max(0, (int)Math.Floor((ratios.Length - spread) / 2))],
            ratios[Math.Min(ratios.Length - 1, (int)Math.Ceiling((ratios.Length + spread) / 2))],
            Median([.. pairs.Select(pair => pair.With - pair.Without).Order()]),
            Median([.. pairs.Select(pair => pair.Without).Order()]),
            pairs.Count, rollUpNs, threads);
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
