namespace Coxswain.Core.Workloads.Pods;

/// <summary>Label expressions as kubectl takes them, e.g. <c>app=upf,tier in (a,b),!canary</c>; all of them must hold.</summary>
public sealed class LabelSelector
{
    /// <summary>Longest text, characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Most expressions.</summary>
    public const int MaxRequirements = 20;

    private const int MaxName = 63;
    private const string Example = "e.g. \"app=upf,tier in (a,b),!canary\"";

    private LabelSelector(IReadOnlyList<LabelRequirement> requirements) => Requirements = requirements;

    /// <summary>The expressions, as written.</summary>
    public IReadOnlyList<LabelRequirement> Requirements { get; }

    /// <summary>Reads the expressions.</summary>
    /// <param name="text">1 to <see cref="MaxLength"/> characters.</param>
    /// <param name="problem">What is wrong, where, and what is allowed, when the result is null.</param>
    public static LabelSelector? TryParse(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = "";
        if (string.IsNullOrWhiteSpace(text) || text.Length > MaxLength)
        {
            problem = $"label_selector must have 1 to {MaxLength} characters, {Example}";
            return null;
        }

        var found = new List<LabelRequirement>();
        foreach (var part in Split(text))
        {
            if (found.Count == MaxRequirements)
            {
                problem = $"label_selector has more than {MaxRequirements} expressions";
                return null;
            }

            if (Parse(part.Trim(), out problem) is not { } requirement)
            {
                problem = $"label_selector: {problem}; allowed are key=value, key!=value, key in (a,b), key notin (a,b), key, !key, joined by commas, {Example}";
                return null;
            }

            found.Add(requirement);
        }

        return new LabelSelector(found);
    }

    /// <summary>Tells whether labels meet all expressions.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The expressions in one spelling and order: two selectors with the same text mean the same.</summary>
    public override string ToString() => string.Join(',', Requirements.Select(requirement => requirement.ToString()).Distinct().Order(StringComparer.Ordinal));

    // Commas inside parentheses separate values, not expressions.
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth <= 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static LabelRequirement? Parse(string text, out string problem)
    {
        if (text.StartsWith('!'))
        {
            return Checked(text[1..].Trim(), LabelOperator.DoesNotExist, [], out problem);
        }

        if (text.Contains('('))
        {
            return ParseSet(text, out problem);
        }

        foreach (var (sign, meaning) in s_signs)
        {
            if (text.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var at)
            {
                return Checked(text[..at].Trim(), meaning, [text[(at + sign.Length)..].Trim()], out problem);
            }
        }

        return Checked(text, LabelOperator.Exists, [], out problem);
    }

    // Longer signs first: "==" begins with "=".
    private static readonly (string Sign, LabelOperator Meaning)[] s_signs = [("!=", LabelOperator.NotIn), ("==", LabelOperator.In), ("=", LabelOperator.In)];

    private static LabelRequirement? ParseSet(string text, out string problem)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var words = text[..open].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is not [var key, "in" or "notin"] || !text.EndsWith(')'))
        {
            problem = $"\"{Shown(text)}\" is no expression";
            return null;
        }

        var values = text[(open + 1)..^1].Split(',').Select(value => value.Trim());
        return Checked(key, words[1] == "in" ? LabelOperator.In : LabelOperator.NotIn, [.. values.Distinct().Order(StringComparer.Ordinal)], out problem);
    }

    private static LabelRequirement? Checked(string key, LabelOperator meaning, IReadOnlyList<string> values, out string problem)
    {
        var name = key[(key.LastIndexOf('/') + 1)..];
        var prefix = key.Length == name.Length ? "a" : key[..^(name.Length + 1)];
        if (!IsName(name) || prefix.Length > PodInfo.MaxTextLength || !IsName(prefix, PodInfo.MaxTextLength))
        {
            problem = $"\"{Shown(key)}\" is no label key";
            return null;
        }

        if (values.FirstOrDefault(value => value.Length > 0 && !IsName(value)) is { } wrong)
        {
            problem = $"\"{Shown(wrong)}\" is no label value";
            return null;
        }

        problem = "";
        return new LabelRequirement(key, meaning, values);
    }

    private static bool IsName(string text, int most = MaxName) =>
        text.Length > 0 && text.Length <= most && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) &&
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string Shown(string text) => CommandText.Clean(text, 40);
}
