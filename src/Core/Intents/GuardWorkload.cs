using System.Globalization;

namespace Coxswain.Core.Intents;

/// <summary>Whose waits a guard looks at: what a selector names, or the workloads that no change touches.</summary>
/// <remarks>Two are equal when they are written in the same words.</remarks>
public sealed record GuardWorkload
{
    /// <summary>How the workloads that no change touches are called.</summary>
    public const string OthersText = "others";

    /// <summary>Longest text, characters.</summary>
    public const int MaxLength = 300;

    /// <summary>What can be written, in words.</summary>
    public const string Allowed = "others, or pod:NAMESPACE/NAME, labels:EXPRESSIONS, pid:IDS, command:REGEX, cgroup:PATH or unit:NAME";

    private GuardWorkload(string text, Selector? selector) => (Text, Selector) = (text, selector);

    /// <summary>The workloads that no change touches.</summary>
    public static GuardWorkload Others { get; } = new(OthersText, null);

    /// <summary>As it was written, e.g. labels:app=web.</summary>
    public string Text { get; }

    /// <summary>What is named; null for the workloads that no change touches.</summary>
    public Selector? Selector { get; }

    /// <summary>Reads one.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="problem">What is wrong with it, fit to follow "guard.workload"; empty when nothing is.</param>
    /// <returns>Null when it cannot be read.</returns>
    public static GuardWorkload? TryParse(string text, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        problem = "";
        if (text == OthersText)
        {
            return Others;
        }

        if (text.Length > MaxLength)
        {
            problem = $" has {text.Length} characters, at most {MaxLength} are allowed";
            return null;
        }

        var at = text.IndexOf(':', StringComparison.Ordinal);
        var selector = at > 0 && at + 1 < text.Length ? Named(text[..at], text[(at + 1)..]) : null;
        if (selector is null)
        {
            problem = $"=\"{Workloads.CommandText.Clean(text, 60)}\" must be {Allowed}";
            return null;
        }

        var request = new IntentRequest { Selector = selector, Effect = IntentEffect.OfClass(SchedulingClass.Normal) };
        if (IntentValidator.Problems(request) is { Count: > 0 } problems)
        {
            problem = $": {string.Join(", ", problems)}";
            return null;
        }

        return new GuardWorkload(text, selector);
    }

    /// <inheritdoc/>
    public bool Equals(GuardWorkload? other) => other is not null && other.Text == Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static Selector? Named(string kind, string name) => kind switch
    {
        "pod" => OfPod(name.Split('/')),
        "labels" => new Selector { Labels = name },
        "pid" => OfPids(name.Split(',', StringSplitOptions.TrimEntries)),
        "command" => Selector.OfCommand(name),
        "cgroup" => new Selector { Cgroup = name },
        "unit" => new Selector { Unit = name },
        _ => null,
    };

    // NAMESPACE/NAME, NAMESPACE/ or NAME.
    private static Selector? OfPod(string[] parts) => parts switch
    {
        [{ Length: > 0 } name] => new Selector { PodNames = [name] },
        [{ Length: > 0 } space, ""] => new Selector { Namespace = space },
        [{ Length: > 0 } space, { } name] => new Selector { Namespace = space, PodNames = [name] },
        _ => null,
    };

    private static Selector? OfPids(string[] parts)
    {
        var pids = new List<int>(parts.Length);
        foreach (var part in parts)
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                return null;
            }

            pids.Add(pid);
        }

        return Selector.OfPids(pids);
    }
}
