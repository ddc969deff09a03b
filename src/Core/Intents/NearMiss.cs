namespace Coxswain.Core.Intents;

/// <summary>Finds what somebody may have meant.</summary>
public static class NearMiss
{
    /// <summary>Picks the known names that are most like the wanted one.</summary>
    /// <param name="wanted">The name that does not exist.</param>
    /// <param name="known">Those that do; duplicates count once.</param>
    /// <param name="most">How many to return at most, at least 1.</param>
    /// <returns>The most similar first; empty when none is similar.</returns>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> known, int most = 5)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (wanted.Length == 0)
        {
            return [];
        }

        // A third of the name may differ, rounded up: two letters changing places is two differences.
        var allowed = (wanted.Length + 2) / 3;
        return [.. known.Distinct(StringComparer.Ordinal)
            .Where(name => name.Length > 0)
            .Select(name => (Name: name, Distance: Distance(wanted, name)))
            .Where(candidate => candidate.Distance <= allowed)
            .OrderBy(candidate => candidate.Distance).ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(most)
            .Select(candidate => candidate.Name)];
    }

    /// <summary>Picks the known names that are most like what a regex seems to mean: "^upff.*$" is compared as "upff".</summary>
    /// <param name="pattern">The regex that matches none of them.</param>
    /// <param name="known">The names; duplicates count once.</param>
    public static IReadOnlyList<string> OfPattern(string pattern, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Of(new string([.. pattern.Where(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '/' or ':' or ' ')]), known);
    }

    // A name that contains the other counts as one step away, however long the rest is.
    private static int Distance(string wanted, string name) =>
        wanted.Length >= 2 && name.Contains(wanted, StringComparison.OrdinalIgnoreCase) ||
        name.Length >= 3 && wanted.Contains(name, StringComparison.OrdinalIgnoreCase)
            ? 1
            : EditDistance(wanted.ToUpperInvariant(), name.ToUpperInvariant());

    // Levenshtein with a single row: names are at most a few hundred characters.
    private static int EditDistance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
