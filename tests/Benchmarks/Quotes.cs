using System.Globalization;
using System.Text.RegularExpressions;

namespace Coxswain.Benchmarks;

/// <summary>
/// The tables of figures in documents for people, with the columns scenario, scheduler, metric and a figure: a ratio to EEVDF where its column says so, else a
/// median with its unit. They are chosen by hand, and renewed here.
/// </summary>
internal static partial class Quotes
{
    private const string BesideEevdf = "× EEVDF";

    /// <summary>Puts the figures of <paramref name="run"/> into the tables of <paramref name="file"/>; all else stays as it is.</summary>
    /// <exception cref="InvalidDataException">A row, or all, quote what was not measured; the file is as it was.</exception>
    public static void Renew(string file, IReadOnlyList<Measurement> run)
    {
        string[] lines = File.ReadAllLines(file);
        bool isRatio = false;
        int rows = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (Header().Match(lines[i]) is { Success: true } header)
            {
                isRatio = header.Groups[1].Value == BesideEevdf;
            }
            else if (Row().Match(lines[i]) is { Success: true } row)
            {
                rows++;
                lines[i] = $"{row.Groups["key"].Value} {Figure(row, run, isRatio) ?? throw new InvalidDataException($"{file}, line {i + 1}: this run has no such figure: {lines[i]}")} |";
            }
        }

        if (rows == 0)
        {
            throw new InvalidDataException($"{file}: no table with the columns scenario, scheduler, metric and a figure");
        }

        File.WriteAllLines(file, lines);
    }

    private static string? Figure(Match row, IReadOnlyList<Measurement> run, bool isRatio) =>
        Measurement.Find(run, row.Groups["scenario"].Value, row.Groups["scheduler"].Value, row.Groups["metric"].Value) switch
        {
            null => null,
            { RatioToEevdf: { } ratio } when isRatio => ratio.ToString("0.00", CultureInfo.InvariantCulture),
            _ when isRatio => null,
            var m => $"{Pages.Number(m.Median)} {m.Unit}".TrimEnd(),
        };

    [GeneratedRegex(@"^\| scenario \| scheduler \| metric \| ([^|]+) \|$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?<key>\| `(?<scenario>[^`]+)` \| `(?<scheduler>[^`]+)` \| `(?<metric>[^`]+)` \|)[^|]*\|$")]
    private static partial Regex Row();
}
