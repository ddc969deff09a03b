using Coxswain.Core.Intents.Experiments;
using Microsoft.Extensions.Hosting;

namespace Coxswain.Mcp.Hosting;

/// <summary>Sees to it that experiments end, with what they try reverted, before anything else stops: a change that is tried is not for the next run.</summary>
internal sealed class ExperimentsHost(ExperimentService experiments) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => experiments.CloseAsync().WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => experiments.CloseAsync().WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
