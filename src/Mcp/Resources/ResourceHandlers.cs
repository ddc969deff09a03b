using Microsoft.Extensions.DependencyInjection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Resources;

/// <summary>Connects resources, subscriptions and completions with the protocol library.</summary>
internal static class ResourceHandlers
{
    /// <summary>Adds them to a server.</summary>
    public static IMcpServerBuilder WithCoxswainResources(this IMcpServerBuilder builder)
    {
        builder.Services.AddSingleton<PodResource>();
        builder.Services.AddSingleton<ResourceList>();
        builder.Services.AddSingleton<ResourceVersions>();
        builder.Services.AddSingleton<Completions>();
        builder.Services.AddSingleton<Subscriptions>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Subscriptions>());
        return builder
            .WithReadResourceHandler(UnknownAsync)
            .WithSubscribeToResourcesHandler(static (context, cancellationToken) => Of(context).SubscribeAsync(context, cancellationToken))
            .WithUnsubscribeFromResourcesHandler(static (context, cancellationToken) => Of(context).UnsubscribeAsync(context, cancellationToken))
            .WithSubscriptionsListenHandler(static (context, cancellationToken) => Of(context).ListenAsync(context, cancellationToken))
            .WithCompleteHandler(static (context, _) => new(context.Services!.GetRequiredService<Completions>().Complete(context.Params)));
    }

    private static Subscriptions Of(MessageContext context) => context.Services!.GetRequiredService<Subscriptions>();

    // Reached when no resource has this address.
    private static ValueTask<ReadResourceResult> UnknownAsync(RequestContext<ReadResourceRequestParams> context, CancellationToken cancellationToken) =>
        throw ResourceUri.NotFound(context, "resources/list and resources/templates/list show those that there are.");
}
