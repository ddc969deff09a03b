using Coxswain.Core.Workloads;

namespace Coxswain.Mcp.Prompts;

/// <summary>The lines before the text of a prompt: a small part of YAML, read strictly.</summary>
/// <remarks><c>name: value</c>, and below <c>arguments:</c> a list of entries with name, description, required and default.</remarks>
internal sealed class FrontMatter
{
    private const int MaxValue = 500;
    private static readonly string[] s_known = ["name", "title", "description", "arguments"];
    private static readonly string[] s_argument = ["name", "description", "required", "default"];
    private readonly Dictionary<string, string> _values = [];
    private readonly List<Dictionary<string, string>> _arguments = [];

    /// <exception cref="FormatException">A line cannot be read.</exception>
    public FrontMatter(IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Trim().Length > 0)
            {
                Take(lines[i], i + 2);
            }
        }
    }

    /// <summary>The arguments, in their order.</summary>
    /// <exception cref="FormatException">One lacks something.</exception>
    public IReadOnlyList<PromptParameter> Parameters => _arguments.ConvertAll(argument => new PromptParameter(
        argument.GetValueOrDefault("name") ?? throw new FormatException("an argument has no name"),
        argument.GetValueOrDefault("description") ?? throw new FormatException($"argument {argument["name"]} has no description"),
        argument.GetValueOrDefault("required") == "true",
        argument.GetValueOrDefault("default", "")));

    /// <summary>A value that must be there.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public string Text(string name) =>
        _values.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw new FormatException($"{name} is missing in its front matter");

    private void Take(string line, int number)
    {
        var isEntry = line.StartsWith("  - ", StringComparison.Ordinal);
        var isInside = isEntry || line.StartsWith("    ", StringComparison.Ordinal);
        var text = isEntry ? line[4..] : line.Trim();
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || (!isInside && char.IsWhiteSpace(line[0])))
        {
            throw new FormatException($"line {number}: '{CommandText.Clean(line, 80)}' is not name: value");
        }

        var (name, value) = (text[..colon].Trim(), text[(colon + 1)..].Trim().Trim('"'));
        if (!(isInside ? s_argument : s_known).Contains(name))
        {
            throw new FormatException($"line {number}: unknown '{CommandText.Clean(name, 80)}'; known are {string.Join(", ", isInside ? s_argument : s_known)}");
        }

        if (value.Length > MaxValue || value.Any(char.IsControl))
        {
            throw new FormatException($"line {number}: {name} must be at most {MaxValue} printable characters");
        }

        if (!isInside)
        {
            _values[name] = value;
            return;
        }

        if (isEntry)
        {
            _arguments.Add([]);
        }

        (_arguments.Count > 0 ? _arguments[^1] : throw new FormatException($"line {number}: an argument begins with '  - name: NAME'"))[name] = value;
    }
}
