using System.Reflection;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Prompts;

/// <summary>The prompts: those built in, and the operator's own, which go before them. Thread-safe.</summary>
/// <remarks>A file that cannot be used leaves the prompt that it held before, and is reported.</remarks>
internal sealed partial class PromptLibrary(ToolRegistry tools, ILogger<PromptLibrary> log)
{
    private const string Prefix = "prompts/";
    private const int MaxFiles = 100;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PromptText> _own = new(StringComparer.Ordinal);
    private McpServerPrimitiveCollection<McpServerPrompt>? _offered;

    /// <summary>What of the operator's directory could not be used at the last reading, by file.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private set; } = new Dictionary<string, string>();

    /// <summary>The prompts that this program has, sorted by name.</summary>
    public static IReadOnlyList<PromptText> BuiltIn { get; } = ReadBuiltIn();

    /// <summary>Puts the prompts into what clients see.</summary>
    public void Take(McpServerPrimitiveCollection<McpServerPrompt> prompts, string directory)
    {
        lock (_gate)
        {
            _offered = prompts;
        }

        Load(directory);
    }

    /// <summary>Reads the operator's directory again; clients are told if anything is not the same as before.</summary>
    /// <param name="directory">The directory; empty for none.</param>
    public void Load(string directory)
    {
        lock (_gate)
        {
            var problems = new Dictionary<string, string>(StringComparer.Ordinal);
            ReadOwn(directory, problems);
            Problems = problems;
            foreach (var (file, problem) in problems)
            {
                LogBroken(log, file, problem);
            }

            Offer();
        }
    }

    private void Offer()
    {
        if (_offered is not { } offered)
        {
            return;
        }

        var wanted = BuiltIn.ToDictionary(text => text.Name);
        foreach (var text in _own.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value))
        {
            wanted[text.Name] = text;
        }

        using var once = offered.DeferChangedEvents();
        foreach (var prompt in offered.OfType<FilePrompt>().Where(prompt => wanted.GetValueOrDefault(prompt.Text.Name) is not { } text || !Same(text, prompt.Text)).ToList())
        {
            offered.Remove(prompt);
        }

        foreach (var text in wanted.Values.Where(text => !offered.TryGetPrimitive(text.Name, out _)))
        {
            offered.Add(new FilePrompt(text, tools));
        }
    }

    // A record's own comparison would compare its lists by reference.
    private static bool Same(PromptText one, PromptText other) =>
        (one.Title, one.Description, one.Body) == (other.Title, other.Description, other.Body) && one.Parameters.SequenceEqual(other.Parameters);

    private void ReadOwn(string directory, Dictionary<string, string> problems)
    {
        string[] files = [];
        if (directory.Length > 0)
        {
            try
            {
                files = Directory.GetFiles(directory, "*.md");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                problems[directory] = exception.Message;
                return; // those read before stay
            }
        }

        foreach (var gone in _own.Keys.Except(files).ToList())
        {
            _own.Remove(gone);
        }

        foreach (var file in files.Order(StringComparer.Ordinal).Take(MaxFiles))
        {
            try
            {
                _own[file] = Checked(PromptText.Parse(Read(file)));
            }
            catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
            {
                problems[file] = CommandText.Clean(exception.Message, 300) + (_own.ContainsKey(file) ? "; it stays as it was before" : "");
            }
        }

        if (files.Length > MaxFiles)
        {
            problems[directory] = $"it has {files.Length} prompts, and only the first {MaxFiles} by name are read";
        }
    }

    private static string Read(string file) =>
        new FileInfo(file).Length <= PromptText.MaxBytes ? File.ReadAllText(file) : throw new FormatException($"it is larger than {PromptText.MaxBytes} bytes");

    private PromptText Checked(PromptText text)
    {
        foreach (var call in text.Facts)
        {
            if (tools.ProblemOfFacts(call) is { Length: > 0 } problem)
            {
                throw new FormatException(problem);
            }
        }

        return text;
    }

    private static List<PromptText> ReadBuiltIn()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prompts = new List<PromptText>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            prompts.Add(PromptText.Parse(reader.ReadToEnd()));
        }

        prompts.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return prompts;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Prompt {File} cannot be used: {Problem}")]
    private static partial void LogBroken(ILogger log, string file, string problem);
}
