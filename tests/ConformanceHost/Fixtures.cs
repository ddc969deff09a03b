using Coxswain.ConformanceHost.Prompts;
using Coxswain.ConformanceHost.Resources;
using Coxswain.ConformanceHost.Tools;
using Coxswain.Mcp.Resources;
using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Server;

namespace Coxswain.ConformanceHost;

/// <summary>What the scenarios of the suite call by name.</summary>
internal static class Fixtures
{
    /// <summary>Adds it to the server.</summary>
    public static void AddTo(IMcpServerBuilder server)
    {
        server
            .WithTools<ContentTools>()
            .WithTools<NotifyingTools>()
            .WithTools<AskingTools>()
            .WithTools<InputTools>()
            .WithTools<RoundsTools>()
            .WithTools<StatelessTools>()
            .WithTools<ListChangeTools>()
            .WithPrompts<ContentPrompts>()
            .WithPrompts<InputPrompts>()
            .WithResources<ContentResources>();
        server.Services.AddSingleton<IVersionedResource, WatchedResource>();
        // Before all others: the server's own filter accepts no state but that of its confirmations.
        server.Services.PostConfigure<McpServerOptions>(options => options.Filters.Request.CallToolFilters.Insert(0, OwnState.Filter));
    }
}
