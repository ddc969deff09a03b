using Coxswain.Core.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Starts the scheduler beside the server and stops it after the server; is the scheduler for everybody else.</summary>
/// <remarks>
/// Loading takes seconds on a slow machine, and clients give up on a server that does not answer, so that it goes on in
/// the background. A scheduler that cannot be started is no reason not to serve: the tools then tell the cause and the fix.
/// </remarks>
internal sealed partial class SchedulerHost(IScheduler scheduler, Action start, Action stop, ILogger<SchedulerHost> log)
    : IScheduler, IHostedService
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _failure = "";

    /// <summary>Done as soon as the scheduler runs, or cannot.</summary>
    public Task Started => _started.Task;

    public IDirectiveStore Directives => Started.IsCompleted ? scheduler.Directives : throw new SchedulerUnavailableException(StillLoading);

    public ICpuSetStore CpuSets =>
        Started.IsCompleted ? scheduler.CpuSets : throw new SchedulerUnavailableException(StillLoading);

    public ICgroupDirectiveStore CgroupDirectives =>
        Started.IsCompleted ? scheduler.CgroupDirectives : throw new SchedulerUnavailableException(StillLoading);

    public SchedulerState ReadState() => Started.IsCompleted ? WithFailure(scheduler.ReadState()) : Loading();

    public SchedulerSnapshot Snapshot() => Started.IsCompleted ? WithFailure(scheduler.Snapshot()) : Loading();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = InBackground(Start);
        return Task.CompletedTask;
    }

    /// <summary>Starts the scheduler on request; returns as soon as it runs, or cannot: <see cref="Snapshot"/> tells.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more; it goes on all the same.</exception>
    public async Task StartOnRequestAsync(CancellationToken cancellationToken)
    {
        await Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        await InBackground(Start).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives scheduling back to the kernel until it is started on request.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more; it goes on all the same.</exception>
    public async Task StopOnRequestAsync(CancellationToken cancellationToken)
    {
        await Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        await InBackground(stop).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return; // still being loaded: the kernel drops it with the process
        }

        stop();
        if (_failure.Length == 0)
        {
            LogStopped(log);
        }
    }

    private const string StillLoading = "The scheduler is still being loaded; call again in a few seconds";

    // Loading and detaching take seconds, on a thread of their own.
    private static Task InBackground(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // The scheduler itself answers only when it is done.
    private static SchedulerSnapshot Loading() =>
        new() { Attached = false, KernelState = "unknown", Reason = StillLoading, KernelRelease = "unknown", Cpus = Environment.ProcessorCount };

    private T WithFailure<T>(T state)
        where T : SchedulerState =>
        state.Attached || _failure.Length == 0 ? state : state with { Reason = _failure };

    private void Start()
    {
        _failure = "";
        try
        {
            start();
            var snapshot = scheduler.Snapshot();
            if (!snapshot.Attached)
            {
                LogUnavailable(log, snapshot.Reason);
                return;
            }

            var functions = string.Join(' ', snapshot.Branches.Select(branch => $"{branch.Key}={branch.Value}"));
            LogStarted(log, snapshot.KernelRelease, snapshot.Policy, functions);
            // The first collection has to do with all that a start leaves: now nobody waits for an answer yet.
            GC.Collect();
        }
        catch (SchedulerUnavailableException exception)
        {
            _failure = exception.Message;
            LogUnavailable(log, exception.Message);
        }
#pragma warning disable CA1031 // The server has to answer why there is no scheduler, whatever the reason is.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = $"The scheduler could not be loaded: {exception.Message}";
            LogFailed(log, exception);
        }
        finally
        {
            _started.TrySetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Scheduler attached to Linux {Release}, policy {Policy}, kernel functions {Functions}")]
    private static partial void LogStarted(ILogger log, string release, string policy, string functions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serving without a scheduler: {Reason}")]
    private static partial void LogUnavailable(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The scheduler could not be loaded")]
    private static partial void LogFailed(ILogger log, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Scheduler detached")]
    private static partial void LogStopped(ILogger log);
}
