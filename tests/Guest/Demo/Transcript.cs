using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Guest.Demo;

/// <summary>What happens, in a few lines, each step with the seconds since the start.</summary>
internal sealed class Transcript(TextWriter output)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public void Step(string text) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:F1} s  {text}"));

    /// <summary>More about the step before.</summary>
    public void Detail(string text) => output.WriteLine($"          {text}");
}
