using System.Text.RegularExpressions;
using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Prompts;

/// <summary>A prompt as written in a file: front matter, then text with placeholders.</summary>
/// <remarks>
/// <c>{{name}}</c> stands for an argument, <c>{{facts list_pods namespace=$namespace limit=10}}</c> for what that read-only tool
/// answers; an argument that was not given is left out of the call.
/// </remarks>
internal sealed partial record PromptText
{
    /// <summary>Largest file, bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxArguments = 10;
    private const int MaxFacts = 8;
    private const int MaxText = 300;

    /// <summary>What the operator types.</summary>
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    public required IReadOnlyList<PromptParameter> Parameters { get; init; }

    /// <summary>The text with its placeholders.</summary>
    public required string Body { get; init; }

    /// <summary>The calls in the text.</summary>
    public required IReadOnlyList<FactCall> Facts { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no prompt; the message says why, with the line where that helps.</exception>
    public static PromptText Parse(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var end = lines is ["---", ..] ? Array.IndexOf(lines, "---", 1) : -1;
        if (end < 0)
        {
            throw new FormatException("it must begin with front matter between two lines of ---");
        }

        var body = string.Join('\n', lines[(end + 1)..]).Trim() + "\n";
        var head = new FrontMatter(lines[1..end]);
        var name = head.Text("name");
        if (!NamePattern().IsMatch(name))
        {
            throw new FormatException($"name '{CommandText.Clean(name, MaxText)}' must be lower-case letters, digits and _, at most 64, e.g. diagnose_latency");
        }

        var parameters = head.Parameters;
        if (parameters.Count > MaxArguments)
        {
            throw new FormatException($"it has {parameters.Count} arguments, at most {MaxArguments} are allowed");
        }

        var facts = new List<FactCall>();
        foreach (Match match in Placeholder().Matches(body))
        {
            var content = match.Groups[1].Value.Trim();
            if (FactCall.TryParse(content) is { } call)
            {
                facts.Add(call);
            }
            else if (parameters.All(parameter => parameter.Name != content))
            {
                throw new FormatException($"'{{{{{CommandText.Clean(content, MaxText)}}}}}' is neither an argument nor facts TOOL name=value");
            }
        }

        if (facts.Count > MaxFacts)
        {
            throw new FormatException($"it has {facts.Count} placeholders for facts, at most {MaxFacts} are allowed");
        }

        var unknown = facts.SelectMany(call => call.References).FirstOrDefault(reference => parameters.All(parameter => parameter.Name != reference));
        return unknown is not null
            ? throw new FormatException($"'${unknown}' is no argument of it")
            : new PromptText
            {
                Name = name,
                Title = head.Text("title"),
                Description = head.Text("description"),
                Parameters = parameters,
                Body = body,
                Facts = facts,
            };
    }

    /// <summary>Puts text in the place of each placeholder.</summary>
    /// <param name="argument">Gives the value of an argument.</param>
    /// <param name="facts">Gives what a call answers; in the order of <see cref="Facts"/>.</param>
    public string Render(Func<string, string> argument, Func<FactCall, string> facts) => Placeholder().Replace(Body, match =>
    {
        var content = match.Groups[1].Value.Trim();
        return FactCall.TryParse(content) is { } call ? facts(call) : argument(content);
    });

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\{\{([^{}\n]{1,300})\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
