using System.Text.Json.Nodes;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads documents that ask for changes: strategies of Gthulhu, or changes as <c>coxswain get</c> writes them.</summary>
internal static class IntentDocument
{
    /// <summary>Most entries of one document.</summary>
    public const int MaxEntries = 100;

    /// <summary>Reads a document.</summary>
    /// <param name="text">JSON or YAML.</param>
    /// <param name="ttlSeconds">How long those entries are to hold that say nothing of it.</param>
    /// <exception cref="DocumentException">It cannot be read as a whole; what is wrong with an entry is said there.</exception>
    public static IReadOnlyList<DocumentEntry> Read(string text, int ttlSeconds) => Read(DocumentText.Parse(text), ttlSeconds);

    /// <summary>Reads a document.</summary>
    /// <param name="root">Its tree.</param>
    /// <param name="ttlSeconds">How long those entries are to hold that say nothing of it.</param>
    /// <exception cref="DocumentException">It cannot be read as a whole; what is wrong with an entry is said there.</exception>
    public static IReadOnlyList<DocumentEntry> Read(JsonObject root, int ttlSeconds)
    {
        var entries = (root.ContainsKey("strategies"), root.ContainsKey("changes")) switch
        {
            (true, false) => StrategyReader.ReadAll(root["strategies"], ttlSeconds),
            (false, true) => ChangeReader.ReadAll(root["changes"], ttlSeconds),
            (true, true) => throw new DocumentException("the document has both \"strategies\" and \"changes\": give one of them"),
            _ => throw new DocumentException("the document has neither \"strategies\" (as Gthulhu takes them) nor \"changes\" (as coxswain get writes them)"),
        };
        return entries.Count is > 0 and <= MaxEntries
            ? entries
            : throw new DocumentException($"the document has {entries.Count} entries, 1 to {MaxEntries} are taken");
    }
}
