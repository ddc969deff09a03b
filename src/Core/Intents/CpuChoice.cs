using System.Globalization;

namespace Coxswain.Core.Intents;

/// <summary>The CPUs that an intent asks for.</summary>
public sealed class CpuChoice : IEquatable<CpuChoice>
{
    /// <summary>Longest text, characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Largest CPU number: more than any kernel has.</summary>
    public const int MaxCpu = 8191;

    private CpuChoice(IReadOnlyList<int> cpus, bool isHard)
    {
        Cpus = cpus;
        IsHard = isHard;
    }

    /// <summary>Ids, ascending, each once; at least one.</summary>
    public IReadOnlyList<int> Cpus { get; }

    /// <summary>True: on these only, as far as the thread's own affinity allows; false: preferably on these.</summary>
    public bool IsHard { get; }

    /// <summary>Reads a list such as "0-3,8".</summary>
    /// <param name="text">The list.</param>
    /// <param name="isHard">These only, instead of: preferably these.</param>
    /// <returns>Null when it is no such list.</returns>
    public static CpuChoice? TryParse(string text, bool isHard)
    {
        ArgumentNullException.ThrowIfNull(text);
        var cpus = new SortedSet<int>();
        foreach (var part in text.Length <= MaxLength ? text.Split(',') : [""])
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryId(ends[0], out var first) || !TryId(ends[^1], out var last) || last < first)
            {
                return null;
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return new CpuChoice([.. cpus], isHard);
    }

    /// <summary>Writes ids as a list, e.g. "0-3,8".</summary>
    public static string Format(IEnumerable<int> cpus)
    {
        ArgumentNullException.ThrowIfNull(cpus);
        var runs = new List<(int First, int Last)>();
        foreach (var cpu in cpus.Order())
        {
            if (runs.Count > 0 && runs[^1].Last >= cpu - 1)
            {
                runs[^1] = (runs[^1].First, cpu);
            }
            else
            {
                runs.Add((cpu, cpu));
            }
        }

        return string.Join(',', runs.Select(run => run.First == run.Last
            ? run.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{run.First}-{run.Last}")));
    }

    /// <inheritdoc/>
    public bool Equals(CpuChoice? other) => other is not null && other.IsHard == IsHard && other.ToString() == ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuChoice);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Format(Cpus);

    private static bool TryId(string text, out int id) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id <= MaxCpu;
}
