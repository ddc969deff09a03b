using Coxswain.Core.Kernel;
using Coxswain.Mcp.Hosting;

namespace Coxswain.Mcp.Access;

/// <summary>The one way by which tools set, start and stop the scheduler; closed while the server is read-only.</summary>
internal sealed class SchedulerControl(SchedulerHost host, ISchedulerSettings settings, ToolRegistry tools)
{
    /// <inheritdoc cref="ISchedulerSettings.SetMode"/>
    public void SetMode(AskingMode mode)
    {
        tools.RequireWritable();
        settings.SetMode(mode);
    }

    /// <inheritdoc cref="ISchedulerSettings.SetLease"/>
    public void SetLease(long leaseNs)
    {
        tools.RequireWritable();
        settings.SetLease(leaseNs);
    }

    /// <inheritdoc cref="ISchedulerSettings.SetSlice"/>
    public void SetSlice(long sliceNs)
    {
        tools.RequireWritable();
        settings.SetSlice(sliceNs);
    }

    /// <inheritdoc cref="ISchedulerSettings.SetPolicy"/>
    public void SetPolicy(string policy)
    {
        tools.RequireWritable();
        settings.SetPolicy(policy);
    }

    /// <inheritdoc cref="SchedulerHost.StartOnRequestAsync"/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        tools.RequireWritable();
        return host.StartOnRequestAsync(cancellationToken);
    }

    /// <inheritdoc cref="SchedulerHost.StopOnRequestAsync"/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        tools.RequireWritable();
        return host.StopOnRequestAsync(cancellationToken);
    }
}
