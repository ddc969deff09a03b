using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coxswain.Guest.Demo;

/// <summary>Where the demo's chain and hogs run, and how an agent finds and names those of the chain there.</summary>
internal abstract class DemoNode : ILauncher, IAsyncDisposable
{
    protected const string Class = "latency_critical";
    private const int TtlSeconds = 600;

    /// <summary>"pods" or "cgroups".</summary>
    public abstract string Kind { get; }

    /// <summary>Where that is, for people.</summary>
    public abstract string Description { get; }

    public abstract string SharedDirectory { get; }

    /// <summary>What selects the chain, in the arguments of the tools.</summary>
    public abstract JsonObject Selection { get; }

    /// <summary>The tool that gives the chain a class.</summary>
    protected abstract string PrioritizeTool { get; }

    /// <summary>Makes what does not need the program yet.</summary>
    public virtual Task PrepareAsync(Home home) => Task.CompletedTask;

    public abstract Task<IProgram> StartAsync(Home home, string program, params string[] arguments);

    /// <summary>Looks the chain up as an agent does. The server reads the class back from the kernel.</summary>
    /// <exception cref="GuestException">Not all of it is found, or has the class when it should not, or the other way round.</exception>
    public abstract Task RequireClassAsync(Agent agent, ServiceChain chain, bool expected);

    /// <summary>Gives the chain the class.</summary>
    /// <returns>Id of the change.</returns>
    public async Task<string> PrioritizeAsync(Agent agent)
    {
        JsonObject arguments = Selection;
        arguments["class"] = Class;
        arguments["ttl_seconds"] = TtlSeconds;
        arguments["reason"] = "the user plane's round trips are slow beside batch jobs";
        return ToolResult.Text(await agent.CallAsync(PrioritizeTool, arguments), "change_id");
    }

    public abstract ValueTask DisposeAsync();

    protected static void RequireClass(JsonElement row, string what, bool expected)
    {
        string found = row.TryGetProperty("class", out JsonElement name) ? name.GetString() ?? "" : "";
        if (found == Class != expected)
        {
            throw new GuestException($"{what} has class '{found}' where '{Class}' is {(expected ? "" : "not ")}expected");
        }
    }
}
