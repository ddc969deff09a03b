using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Coxswain.Mcp.Hosting;

/// <summary>Runs the scheduler and the server until the client closes standard input or a signal comes.</summary>
internal static class McpHost
{
    // For calls that are under way when the client closes its side: a little more than the wait for the scheduler.
    private static readonly TimeSpan s_lastAnswersLimit = TimeSpan.FromSeconds(40);

    public static async Task<int> RunAsync(McpOptions options)
    {
        using var streams = ProtocolStreams.Claim();
        using var records = Records.Open(options);
        if (records is null)
        {
            return ExitCode.Usage;
        }

        // Without the defaults: no settings from files in the working directory, no environment, no other logger.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddServer(options, records).WithStreamServerTransport(streams.Input, new WholeLineStream(streams.Output));
        using var host = builder.Build();
        if (host.Services.GetRequiredService<Reconfiguration>().Problem(options.Settings) is { Length: > 0 } problem)
        {
            await Console.Error.WriteLineAsync($"coxswain: {problem}").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        using var gone = new CancellationTokenSource();
        ClientPresence.Gone = gone.Token;
        await host.StartAsync().ConfigureAwait(false);
        _ = StopAfterAsync(streams, gone, host.Services.GetRequiredService<IHostApplicationLifetime>());
        await host.WaitForShutdownAsync().ConfigureAwait(false);
        return ExitCode.Success;
    }

    // The protocol library drops its answers as soon as it reads the end of input, and then waits for open requests, of
    // which a subscription never ends. Here every other request is answered first, and then nothing is waited for.
    private static async Task StopAfterAsync(ProtocolStreams streams, CancellationTokenSource gone, IHostApplicationLifetime lifetime)
    {
        await streams.Input.Ended.ConfigureAwait(false);
        await gone.CancelAsync().ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        limit.CancelAfter(s_lastAnswersLimit);
        await streams.OpenRequests.WhenNoneAsync().WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        streams.Input.Release();
        lifetime.StopApplication();
    }
}
