namespace Coxswain.Guest.Bench;

/// <summary>One figure of one run.</summary>
/// <param name="Metric">What was measured.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Value">In that unit.</param>
internal sealed record Sample(string Metric, string Unit, double Value);
