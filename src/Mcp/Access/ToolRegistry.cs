using Coxswain.Core.Intents;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Prompts;
using Coxswain.Mcp.Tools;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Access;

/// <summary>All tools that this program has, of which the operator's switches leave some. Thread-safe.</summary>
/// <remarks>
/// What is switched off is taken out of the list, and is refused once more below: the parts that write ask
/// <see cref="RequireWritable"/>, whatever way a call has come.
/// </remarks>
internal sealed class ToolRegistry
{
    private const int MaxShownName = 80;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (McpServerTool Tool, string Description)> _all = new(StringComparer.Ordinal);
    private McpServerPrimitiveCollection<McpServerTool>? _offered;
    private volatile ToolSwitches _switches;

    /// <summary>Creates the registry; <see cref="Take"/> gives it the tools.</summary>
    public ToolRegistry(ToolSwitches switches) => _switches = switches;

    /// <summary>The switches in force.</summary>
    public ToolSwitches Switches => _switches;

    /// <summary>Names of all tools, also of those that are not offered; sorted.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _all.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Takes the tools over, in the form in which clients see them, and leaves those that are offered.</summary>
    public void Take(McpServerPrimitiveCollection<McpServerTool> tools)
    {
        lock (_gate)
        {
            _offered = tools;
            foreach (var tool in tools)
            {
                _all[tool.ProtocolTool.Name] = (tool, tool.ProtocolTool.Description ?? "");
            }
        }

        Apply(_switches);
    }

    /// <summary>Offers what these switches leave; clients are told if that is not the same as before.</summary>
    public void Apply(ToolSwitches switches)
    {
        lock (_gate)
        {
            _switches = switches;
            using var once = _offered?.DeferChangedEvents();
            foreach (var (tool, description) in _all.Values)
            {
                Offer(tool, switches.Descriptions.GetValueOrDefault(tool.ProtocolTool.Name, description), switches.WhyOff(tool.ProtocolTool).Length == 0);
            }
        }
    }

    /// <summary>How many tools are offered.</summary>
    public int Offered
    {
        get
        {
            lock (_gate)
            {
                return _offered?.Count ?? 0;
            }
        }
    }

    /// <summary>Tells what is wrong with switches: a tool that they name and that there is not.</summary>
    /// <returns>Empty when nothing is.</returns>
    public string Problem(ToolSwitches switches)
    {
        var known = Names;
        var wrong = switches.Enabled.Concat(switches.Disabled).Concat(switches.Descriptions.Keys).FirstOrDefault(name => !known.Contains(name));
        return wrong is null ? "" : $"tools: there is no tool '{CommandText.Clean(wrong, MaxShownName)}'; known are {string.Join(", ", known)}";
    }

    /// <summary>Tells why a tool is not offered.</summary>
    /// <returns>Empty when there is no such tool; null when it is offered.</returns>
    public string? WhyOff(string name)
    {
        lock (_gate)
        {
            return !_all.TryGetValue(name, out var found) ? "" : _switches.WhyOff(found.Tool.ProtocolTool) is { Length: > 0 } why ? why : null;
        }
    }

    /// <summary>Finds a tool that is offered.</summary>
    public McpServerTool? Find(string name)
    {
        lock (_gate)
        {
            return _offered is not null && _offered.TryGetPrimitive(name, out var tool) ? tool : null;
        }
    }

    /// <summary>Tells why a prompt may not make a call.</summary>
    /// <returns>Empty when it may.</returns>
    public string ProblemOfFacts(FactCall call)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(call.Tool, out var found) || found.Tool.ProtocolTool.Annotations?.ReadOnlyHint != true)
            {
                return $"facts may come from tools that change nothing, and '{CommandText.Clean(call.Tool, MaxShownName)}' is none of them";
            }

            var known = found.Tool.ProtocolTool.InputSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name).ToList();
            var wrong = call.Values.Select(value => value.Key).FirstOrDefault(name => !known.Contains(name));
            return wrong is null ? "" : $"{call.Tool} has no argument '{CommandText.Clean(wrong, MaxShownName)}'; known are {string.Join(", ", known)}";
        }
    }

    /// <summary>Refuses when nothing may be changed.</summary>
    /// <exception cref="ToolRefusedException">The server is read-only.</exception>
    public void RequireWritable()
    {
        if (_switches.ReadOnly)
        {
            throw new ToolRefusedException(IntentService.ReadOnlyReason);
        }
    }

    private void Offer(McpServerTool tool, string description, bool offered)
    {
        if (_offered is null)
        {
            return;
        }

        if (tool.ProtocolTool.Description != description)
        {
            // Taken out and put in again, so that clients are told.
            _offered.Remove(tool);
            tool.ProtocolTool.Description = description;
        }

        if (!offered)
        {
            _offered.Remove(tool);
        }
        else if (!_offered.Contains(tool))
        {
            _offered.Add(tool);
        }
    }
}
