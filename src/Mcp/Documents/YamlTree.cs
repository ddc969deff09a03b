using System.Globalization;
using System.Text.Json.Nodes;
using Coxswain.Core.Workloads;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads YAML into the tree that JSON makes: mappings, lists, and the scalars of YAML's core schema.</summary>
/// <remarks>
/// Anchors, aliases and tags are refused: nobody needs them here, and with them a document of a hundred bytes can stand
/// for gigabytes. Works on the parser's events, without any object that is made by reflection.
/// </remarks>
internal sealed class YamlTree
{
    private const int MaxNodes = 20_000;
    private const int MaxShown = 200;

    private readonly IParser _parser;
    private int _nodes;

    private YamlTree(IParser parser) => _parser = parser;

    /// <summary>Reads the one document of a text.</summary>
    /// <exception cref="DocumentException">It is not that.</exception>
    public static JsonNode? Parse(string text)
    {
        try
        {
            return new YamlTree(new Parser(new StringReader(text))).ReadDocument();
        }
        catch (YamlException exception)
        {
            throw new DocumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"the document is no valid YAML: line {exception.Start.Line}: {CommandText.Clean(exception.Message, MaxShown).TrimEnd('.')}"));
        }
        catch (InvalidOperationException)
        {
            // The parser says so of lists and mappings that nobody has closed.
            throw new DocumentException("the document is no valid YAML: it breaks off, or a list or mapping in it is not closed");
        }
    }

    private JsonNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var root = Read(depth: 1);
        _parser.Consume<DocumentEnd>();
        return _parser.Accept<StreamEnd>(out _) ? root : throw Wrong("there is more than one document in it");
    }

    private JsonNode? Read(int depth)
    {
        if (depth > DocumentText.MaxDepth)
        {
            throw Wrong($"it is nested deeper than {DocumentText.MaxDepth} levels");
        }

        if (++_nodes > MaxNodes)
        {
            throw Wrong($"it has more than {MaxNodes} values");
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw Wrong("anchors and aliases are not read");
        }

        if (_parser.Current is NodeEvent { Tag.IsEmpty: false })
        {
            throw Wrong("tags are not read");
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Value(scalar);
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Read(depth + 1));
            }

            return list;
        }

        _parser.Consume<MappingStart>();
        var mapping = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.TryConsume<Scalar>(out var name) ? name.Value : throw Wrong("a key is not a text");
            if (!mapping.TryAdd(key, Read(depth + 1)))
            {
                throw Wrong($"\"{CommandText.Clean(key, MaxShown)}\" is there twice", name.Start.Line);
            }
        }

        return mapping;
    }

    private static JsonValue? Value(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    private DocumentException Wrong(string what, long? line = null) => new(string.Create(
        CultureInfo.InvariantCulture, $"the document cannot be read: line {line ?? _parser.Current?.Start.Line ?? 0}: {what}"));
}
