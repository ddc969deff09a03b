using System.Globalization;

namespace Coxswain.Core.Observe;

/// <summary>How much of the CPUs' time went to interrupts, and to other guests of the same host (steal), from /proc/stat.</summary>
/// <param name="path">The file; /proc/stat but for tests.</param>
internal sealed class InterruptShare(string path = "/proc/stat")
{
    private long _total;
    private long _taken;

    /// <summary>The share since the last call, 0 to 1; 0 for the first.</summary>
    public double Take()
    {
        try
        {
            using var reader = new StreamReader(path);
            // cpu  user nice system idle iowait irq softirq steal guest guest_nice
            var fields = (reader.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 9)
            {
                return 0;
            }

            long[] ticks = [.. fields[1..9].Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
            var (total, taken) = (ticks.Sum(), ticks[5] + ticks[6] + ticks[7]);
            var share = _total > 0 && total > _total ? Math.Clamp((double)(taken - _taken) / (total - _total), 0, 1) : 0;
            (_total, _taken) = (total, taken);
            return share;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
