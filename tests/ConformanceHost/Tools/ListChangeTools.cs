using System.ComponentModel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Prompts;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost.Tools;

/// <summary>Tools that change the lists, as the operator does by switches and files.</summary>
[McpServerToolType]
internal sealed class ListChangeTools(ToolRegistry tools, PromptLibrary prompts, Settings settings)
{
    private const string Switched = "test_switched";

    [McpServerTool(Name = Switched, ReadOnly = true), Description("Is there, or is not.")]
    public static string IsThere() => "It is there.";

    [McpServerTool(Name = "test_trigger_tool_change", ReadOnly = true), Description("Switches a tool off, or on again.")]
    public string ChangeTools()
    {
        var switches = tools.Switches;
        tools.Apply(switches with { Disabled = switches.Disabled.Contains(Switched) ? [] : [Switched] });
        return $"{tools.Offered} tools are offered.";
    }

    [McpServerTool(Name = "test_trigger_prompt_change", ReadOnly = true), Description("Adds a prompt to the operator's own, or takes it away again.")]
    public string ChangePrompts()
    {
        var file = Path.Combine(Directory.CreateDirectory(settings.PromptsDirectory).FullName, "test_switched.md");
        if (File.Exists(file))
        {
            File.Delete(file);
        }
        else
        {
            File.WriteAllText(file, "---\nname: test_switched\ntitle: Switched\ndescription: Is there, or is not.\n---\nIt is there.\n");
        }

        prompts.Load(settings.PromptsDirectory);
        return $"{prompts.Problems.Count} prompts cannot be used.";
    }
}
