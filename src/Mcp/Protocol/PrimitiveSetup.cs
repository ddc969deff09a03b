using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Prompts;
using Coxswain.Mcp.Resources;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Protocol;

/// <summary>Completes what the server offers: schemas, switches, prompts and resources.</summary>
/// <remarks>Options are made anew for each session of some transports; what is offered is one and the same, so that a switch holds for all.</remarks>
internal sealed class PrimitiveSetup(
    ToolSchemas schemas, PromptLibrary prompts, ResourceList resources, Settings settings)
    : IPostConfigureOptions<McpServerOptions>
{
    private readonly Lock _gate = new();
    private McpServerOptions? _first;

    public void PostConfigure(string? name, McpServerOptions options)
    {
        lock (_gate)
        {
            if (_first is null)
            {
                _first = options;
                schemas.PostConfigure(name, options);
                prompts.Take(options.PromptCollection ??= [], settings.PromptsDirectory);
                resources.AddTo(options.ResourceCollection ??= []);
            }

            (options.ToolCollection, options.PromptCollection, options.ResourceCollection) = (_first.ToolCollection, _first.PromptCollection, _first.ResourceCollection);
        }

        (options.Capabilities ??= new ServerCapabilities()).Resources = new ResourcesCapability { Subscribe = true };
    }
}
