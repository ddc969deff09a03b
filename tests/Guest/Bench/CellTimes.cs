using System.Globalization;
using System.Text;

namespace Coxswain.Guest.Bench;

/// <summary>How long each scenario took under each scheduler, starting and ending it included, so that a longer run can be planned.</summary>
internal sealed class CellTimes
{
    private readonly Dictionary<(string Scenario, string Scheduler), List<double>> _seconds = [];

    public void Add(string scenario, string scheduler, double seconds)
    {
        if (!_seconds.TryGetValue((scenario, scheduler), out List<double>? times))
        {
            _seconds[(scenario, scheduler)] = times = [];
        }
        times.Add(seconds);
    }

    /// <summary>A line for each scenario: all of it, and the mean of each scheduler's repetitions.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("seconds for each scenario, and for one repetition under each scheduler:\n");
        foreach (var scenario in _seconds.GroupBy(cell => cell.Key.Scenario).OrderByDescending(cells => cells.Sum(cell => cell.Value.Sum())))
        {
            text.Append(CultureInfo.InvariantCulture, $"{scenario.Sum(cell => cell.Value.Sum()),6:F0}  {scenario.Key}: ")
                .AppendJoin(", ", scenario.OrderBy(cell => cell.Key.Scheduler, StringComparer.Ordinal)
                    .Select(cell => string.Create(CultureInfo.InvariantCulture, $"{cell.Key.Scheduler} {cell.Value.Average():F0}")))
                .Append('\n');
        }
        return text.Append(CultureInfo.InvariantCulture, $"{_seconds.Sum(cell => cell.Value.Sum()),6:F0}  all").ToString();
    }
}
