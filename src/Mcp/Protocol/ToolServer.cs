using Coxswain.Mcp.Tools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>The MCP server: its name, its tools and what surrounds them. The transport is added by whoever hosts it.</summary>
internal static class ToolServer
{
    private static readonly TimeSpan s_listLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Version of this program, e.g. 0.1.0.</summary>
    public static string Version { get; } = typeof(ToolServer).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0.0.0";

    public static IMcpServerBuilder AddToolServer(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Listings<TaskListing>(provider.GetRequiredService<TimeProvider>(), "list_tasks"));
        services.AddSingleton(provider => new Listings<PodListing>(provider.GetRequiredService<TimeProvider>(), "list_pods"));
        services.AddSingleton<PodSampler>();
        services.AddSingleton<ToolCalls>();
        services.AddSingleton<ToolSchemas>();
        services.AddSingleton<IPostConfigureOptions<McpServerOptions>>(provider => provider.GetRequiredService<ToolSchemas>());
        return services
            .AddMcpServer(options =>
            {
                options.ServerInfo = new Implementation
                {
                    Name = "coxswain",
                    Title = "Coxswain CPU scheduler control",
                    Version = Version,
                };
                options.ServerInstructions = Instructions.Text;
            })
            .WithTools<GetStatusTool>(McpJson.Options)
            .WithTools<ListTasksTool>(McpJson.Options)
            .WithTools<ListPodsTool>(McpJson.Options)
            .WithTools<ExplainTaskTool>(McpJson.Options)
            .WithTools<DryRunTool>(McpJson.Options)
            .WithTools<PrioritizeTasksTool>(McpJson.Options)
            .WithTools<PrioritizePodsTool>(McpJson.Options)
            .WithTools<SetTimesliceTool>(McpJson.Options)
            .WithTools<SetAffinityTool>(McpJson.Options)
            .WithTools<ListChangesTool>(McpJson.Options)
            .WithTools<RevertTool>(McpJson.Options)
            .WithTools<SetModeTool>(McpJson.Options)
            .WithTools<SetPolicyTool>(McpJson.Options)
            .WithTools<StartSchedulerTool>(McpJson.Options)
            .WithTools<StopSchedulerTool>(McpJson.Options)
            .WithRequestFilters(filters => filters
                .AddListToolsFilter(Sorted)
                .AddCallToolFilter(ToolCalls.Filter));
    }

    // The library's collection has no order of its own; clients cache better, and models read better, what stays the same.
    private static McpRequestHandler<ListToolsRequestParams, ListToolsResult> Sorted(
        McpRequestHandler<ListToolsRequestParams, ListToolsResult> next) => async (context, cancellationToken) =>
    {
        var result = await next(context, cancellationToken).ConfigureAwait(false);
        result.Tools = [.. result.Tools.OrderBy(tool => tool.Name, StringComparer.Ordinal)];
        result.TimeToLive = s_listLifetime;
        result.CacheScope = CacheScope.Public;
        return result;
    };
}
