using Coxswain.Core.Guards;
using Microsoft.Extensions.Hosting;

namespace Coxswain.Mcp.Hosting;

/// <summary>Starts the guards with the server, and ends them before what they watch.</summary>
internal sealed class GuardHost(GuardService guards) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        guards.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        guards.Dispose();
        return Task.CompletedTask;
    }
}
