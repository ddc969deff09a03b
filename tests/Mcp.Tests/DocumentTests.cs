using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Prompts;
using Coxswain.Mcp.Protocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>
/// docs/tools.md, the README's table and the skill say what the server says. <c>make docs</c> writes them anew: it runs these tests
/// with COXSWAIN_WRITE_DOCS set.
/// </summary>
public sealed partial class DocumentTests : IAsyncLifetime
{
    private static readonly bool s_write = Environment.GetEnvironmentVariable("COXSWAIN_WRITE_DOCS") == "1";
    private static readonly string s_root = Repository.Root;
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await ToolRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void The_document_of_the_tools_is_that_of_the_live_list()
    {
        var text = new StringBuilder("""
            # Tools

            Generated from the server's own list (`make docs`). An argument without a default is optional and changes nothing when it is left out; unknown arguments
            are refused. Every result has `as_of`. A refusal says what was wrong, what is allowed and what to do, and ends with "Nothing was changed."

            A model reads the whole list in every conversation, so it has 24,000 bytes at most, and says less than this page. Of results it publishes `as_of` alone;
            the other fields with their types are here, and in each result. The fields of a `guard` are spelled out at `prioritize_pods`, and an example is given elsewhere; of `intent`, `workload` and `strategies`, which
            hold the arguments of the tools, or Gthulhu's fields, there are examples. That texts must not be empty is not said. All of it is checked all the same.


            """.ReplaceLineEndings("\n"));
        foreach (var set in Enum.GetValues<Toolset>())
        {
            text.Append(CultureInfo.InvariantCulture, $"## {Toolsets.Name(set)}\n\n");
            foreach (var tool in _rig.Tools.Where(tool => Toolsets.Of(tool) == set))
            {
                Describe(tool, text);
            }
        }

        AssertWritten("docs/tools.md", text.ToString().TrimEnd() + "\n");
    }

    [Fact]
    public void The_table_of_the_README_has_each_tool_once()
    {
        var lines = File.ReadAllLines(Path.Combine(s_root, "README.md"));
        var section = lines.SkipWhile(line => line != "## Tools").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        var named = section.Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Quoted().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value));
        Assert.Equal(_rig.Tools.Select(tool => tool.Name), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_skill_is_the_instructions_and_the_prompts()
    {
        var skill = new StringBuilder("""
            ---
            name: coxswain
            description: Steers CPU scheduling on a Linux machine through the MCP server coxswain. Use it when pods or processes are slow because they wait for CPU, when something is to run first or to be held back for a while, when CPUs are to be pinned, or when changes of scheduling are to be explained or taken back.
            ---
            # Coxswain


            """.ReplaceLineEndings("\n"));
        skill.Append(Instructions.Text.ReplaceLineEndings("\n")).Append("\n\n## Workflows\n\nRead the one that fits before you act.\n\n");
        foreach (var prompt in PromptLibrary.BuiltIn)
        {
            skill.Append(CultureInfo.InvariantCulture, $"* [{prompt.Title}](workflows/{prompt.Name}.md): {prompt.Description}\n");
            var text = prompt.Render(name => $"<{name}>", call => $"Call `{call.Show()}`.");
            var given = string.Concat(prompt.Parameters.Select(parameter =>
                $"* `<{parameter.Name}>`: {parameter.Description}{(parameter.Default.Length > 0 ? $" (else: {parameter.Default})" : "")}\n"));
            AssertWritten(
                $"deploy/skills/coxswain/workflows/{prompt.Name}.md",
                $"# {prompt.Title}\n\n{(given.Length > 0 ? $"What has to be known:\n\n{given}\n" : "")}{text.TrimEnd()}\n");
        }

        AssertWritten("deploy/skills/coxswain/SKILL.md", skill.ToString());
    }

    private void Describe(Tool tool, StringBuilder text)
    {
        string[] hints =
        [
            tool.Annotations!.ReadOnlyHint is true ? "read-only" : "",
            tool.Annotations.DestructiveHint is true ? "destructive" : "",
            tool.Annotations.IdempotentHint is true ? "idempotent" : "",
        ];
        text.Append(CultureInfo.InvariantCulture, $"### `{tool.Name}`\n\n{tool.Title}; {string.Join(", ", hints.Where(hint => hint.Length > 0))}.\n\n{tool.Description}\n\n");
        var properties = tool.InputSchema.GetProperty("properties").EnumerateObject().ToList();
        var required = tool.InputSchema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToList() : [];
        if (properties.Count > 0)
        {
            text.Append("| argument | type | what it is |\n|---|---|---|\n");
            foreach (var property in properties)
            {
                var schema = property.Value;
                var always = required.Contains(property.Name) ? " (required)" : schema.TryGetProperty("default", out var value) ? $", default {value.GetRawText().Trim('"')}" : "";
                text.Append(CultureInfo.InvariantCulture, $"| `{property.Name}` | {TypeOf(schema)}{always} | {schema.GetProperty("description").GetString()!.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }

            text.Append('\n');
        }

        var fields = _rig.Results[tool.Name].GetProperty("properties").EnumerateObject();
        text.Append("Result: ").AppendJoin(", ", fields.Select(field => $"`{field.Name}` {ResultTypeOf(field.Value)}")).Append(".\n\n");
    }

    private static string TypeOf(JsonElement schema)
    {
        var type = schema.GetProperty("type").GetString();
        if (schema.TryGetProperty("enum", out var values))
        {
            return string.Join(", ", values.EnumerateArray().Select(value => $"`{value.GetString()}`"));
        }

        return type switch
        {
            "integer" => $"{schema.GetProperty("minimum").GetRawText()} to {schema.GetProperty("maximum").GetRawText()}",
            "array" => $"list of {TypeOf(schema.GetProperty("items"), "text")}, at most {schema.GetProperty("maxItems").GetRawText()}",
            "boolean" => "true or false",
            "object" when schema.TryGetProperty("properties", out var fields) =>
                $"object of {string.Join(", ", fields.EnumerateObject().Select(field => $"`{field.Name}`{Bounds(field.Value)}"))}",
            "object" => "object",
            _ => $"text, at most {schema.GetProperty("maxLength").GetRawText()} characters",
        };
    }

    private static string Bounds(JsonElement schema) => schema.TryGetProperty("enum", out _) || schema.TryGetProperty("minimum", out _) ? $" ({TypeOf(schema)})" : "";

    private static string ResultTypeOf(JsonElement schema) => schema.GetProperty("type").GetString() switch
    {
        "string" => "text",
        "boolean" => "true or false",
        "array" when schema.TryGetProperty("items", out var items) => $"list of {(items.GetProperty("type").GetString() == "string" ? "text" : items.GetProperty("type").GetString())}",
        "array" => "list",
        var type => type!,
    };

    private static string TypeOf(JsonElement items, string otherwise) =>
        items.TryGetProperty("minimum", out _) ? TypeOf(items) : otherwise;

    private static void AssertWritten(string file, string expected)
    {
        var path = Path.Combine(s_root, file);
        if (s_write)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, $"{file} is stale: run make docs");
    }

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Quoted();
}
