using Coxswain.Mcp.Access;
using Coxswain.Mcp.Documents;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Prompts;
using Coxswain.Mcp.Resources;
using Coxswain.Mcp.Tools;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>The MCP server: its name, its tools and what surrounds them. The transport is added by whoever hosts it.</summary>
internal static class ToolServer
{
    /// <summary>Version of this program, e.g. 0.1.0.</summary>
    public static string Version { get; } = typeof(ToolServer).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0.0.0";

    public static IMcpServerBuilder AddToolServer(this IServiceCollection services)
    {
        services.AddSingleton(provider => new Listings<TaskListing>(provider.GetRequiredService<TimeProvider>(), "list_tasks"));
        services.AddSingleton(provider => new Listings<PodListing>(provider.GetRequiredService<TimeProvider>(), "list_pods"));
        services.AddSingleton<PodSampler>();
        services.AddSingleton<TopologyReport>();
        services.AddSingleton<DocumentApplier>();
        services.AddSingleton<ObservedWindow>();
        services.AddSingleton<MetricsBook>();
        services.AddSingleton<Delayers>();
        services.AddSingleton<DryRunReport>();
        services.AddSingleton<LatencyReport>();
        services.AddSingleton<ToolCalls>();
        services.AddSingleton<Confirmations>();
        services.AddSingleton<ToolSchemas>();
        services.AddSingleton<PromptLibrary>();
        services.AddSingleton<GetStatusTool>();
        services.AddSingleton<ListChangesTool>();
        services.AddSingleton<IPostConfigureOptions<McpServerOptions>, PrimitiveSetup>();
        services.AddSingleton<Reconfiguration>();
        services.AddHostedService(provider => provider.GetRequiredService<Reconfiguration>());
        return services
            .AddMcpServer(options =>
            {
                options.ServerInfo = new Implementation
                {
                    Name = "coxswain",
                    Title = "Coxswain CPU scheduler control",
                    Version = Version,
                    Icons = [ServerIcon.Icon],
                };
                options.ServerInstructions = Instructions.Text;
            })
            .WithTools<GetStatusTool>(McpJson.ToolOptions)
            .WithTools<ListTasksTool>(McpJson.ToolOptions)
            .WithTools<ListPodsTool>(McpJson.ToolOptions)
            .WithTools<GetMetricsTool>(McpJson.ToolOptions)
            .WithTools<FindDependenciesTool>(McpJson.ToolOptions)
            .WithTools<ExplainTaskTool>(McpJson.ToolOptions)
            .WithTools<DryRunTool>(McpJson.ToolOptions)
            .WithTools<PrioritizeTasksTool>(McpJson.ToolOptions)
            .WithTools<PrioritizePodsTool>(McpJson.ToolOptions)
            .WithTools<SetTimesliceTool>(McpJson.ToolOptions)
            .WithTools<SetAffinityTool>(McpJson.ToolOptions)
            .WithTools<ApplyStrategiesTool>(McpJson.ToolOptions)
            .WithTools<RunExperimentTool>(McpJson.ToolOptions)
            .WithTools<ListChangesTool>(McpJson.ToolOptions)
            .WithTools<ExtendTool>(McpJson.ToolOptions)
            .WithTools<RevertTool>(McpJson.ToolOptions)
            .WithTools<GetTopologyTool>(McpJson.ToolOptions)
            .WithTools<SetModeTool>(McpJson.ToolOptions)
            .WithTools<SetPolicyTool>(McpJson.ToolOptions)
            .WithTools<StartSchedulerTool>(McpJson.ToolOptions)
            .WithTools<StopSchedulerTool>(McpJson.ToolOptions)
            .WithCoxswainResources()
            .WithRequestFilters(filters => filters
                .AddListToolsFilter(ListOrder.Tools)
                .AddListPromptsFilter(ListOrder.Prompts)
                .AddListResourcesFilter(ListOrder.Resources)
                .AddCallToolFilter(ToolCalls.Filter));
    }
}
