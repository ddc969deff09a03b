using System.Globalization;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary>Charts of characters, for terminals and logs.</summary>
internal static class TextChart
{
    private static readonly string[] s_eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

    /// <summary>A bar.</summary>
    /// <param name="share">0 to 1.</param>
    /// <param name="width">Characters at 1.</param>
    public static string Bar(double share, int width)
    {
        var eighths = (int)Math.Round(Math.Clamp(share, 0, 1) * width * 8);
        return new string('█', eighths / 8) + s_eighths[eighths % 8];
    }

    /// <summary>A time in the unit that suits it, e.g. 950 µs, 1.5 ms, 12 s.</summary>
    public static string Time(double us) => us switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(us):0} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{us / 1000:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{us / 1_000_000:0.##} s"),
    };

    /// <summary>Writes a distribution, a line for each doubling from the first wait to the last.</summary>
    public static void WriteHistogram(LatencyRow row, int width, TextWriter output)
    {
        if (row.Buckets.Count == 0)
        {
            output.WriteLine("  nobody waited");
            return;
        }

        var (total, most) = (row.Buckets.Sum(bucket => bucket[2]), row.Buckets.Max(bucket => bucket[2]));
        var before = row.Buckets[0][0];
        foreach (var bucket in row.Buckets)
        {
            // A gap is part of what the distribution looks like.
            if (bucket[0] > before)
            {
                output.WriteLine($"{"",10}   ┊");
            }

            var counted = string.Create(CultureInfo.InvariantCulture, $"{bucket[2],10:0} {100 * bucket[2] / total,5:0.0} %");
            output.WriteLine($"< {Time(bucket[1]),8}   │{Bar(bucket[2] / most, Math.Max(10, width - 35)).PadRight(Math.Max(10, width - 35))}{counted}");
            before = bucket[1];
        }
    }
}
