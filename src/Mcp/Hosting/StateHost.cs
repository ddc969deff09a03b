using Coxswain.Core.Intents;
using Coxswain.Core.Intents.State;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Puts back in force what an earlier run left, if that is wanted, and has the state saved from then on.</summary>
/// <remarks>Stops before the scheduler does: what ends with this program is there for its next run.</remarks>
internal sealed partial class StateHost : IHostedService, IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly SchedulerHost _scheduler;
    private readonly IntentService _intents;
    private readonly StateStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<StateHost> _log;
    private readonly CancellationTokenSource _ends = new();
    private Task _work = Task.CompletedTask;

    public StateHost(SchedulerHost scheduler, IntentService intents, StateStore store, TimeProvider time, ILogger<StateHost> log) =>
        (_scheduler, _intents, _store, _time, _log) = (scheduler, intents, store, time, log);

    /// <summary>Done as soon as what is to return has returned.</summary>
    public Task Ready => _work;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_store.File is { } file)
        {
            // Now, and not when the scheduler runs: whatever is wrong with it belongs to the start.
            var reading = file.Read();
            if (reading.Problem.Length > 0)
            {
                LogUnusable(_log, reading.Problem);
            }

            _work = RestoreAsync(reading.State);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ends.CancelAsync().ConfigureAwait(false);
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_store.File is not null)
        {
            _intents.StopSaving();
        }
    }

    public void Dispose() => _ends.Dispose();

    // Until it is restored the file stays as it is: without a scheduler there are no changes that could be missed in it.
    private async Task RestoreAsync(SavedState? state)
    {
        await _scheduler.Started.WaitAsync(_ends.Token).ConfigureAwait(false);
        if (state is { Changes.Count: > 0 } && _store.Restores)
        {
            while (!_scheduler.ReadState().Attached)
            {
                await Task.Delay(s_look, _time, _ends.Token).ConfigureAwait(false);
            }

            Restore(state);
        }
        else if (state is { Changes.Count: > 0 and var count })
        {
            LogLeft(_log, count, _store.File!.Path);
        }

        _intents.StartSaving();
    }

    private void Restore(SavedState state)
    {
        try
        {
            var result = _intents.Restore(state);
            _store.Note(result);
            LogRestored(_log, result.Restored.Count, result.Refused.Count, result.Expired);
            foreach (var refused in result.Refused)
            {
                LogRefused(_log, refused.Id, refused.Why);
            }
        }
#pragma warning disable CA1031 // The server serves without them; why is in the log.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(_log, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogUnusable(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} changes of an earlier run are in {File} and do not return, as state.restore is false")]
    private static partial void LogLeft(ILogger log, int count, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "Changes of an earlier run: {Restored} in force again, {Refused} refused, {Expired} expired meanwhile")]
    private static partial void LogRestored(ILogger log, int restored, int refused, int expired);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Change} of an earlier run is not in force again: {Why}")]
    private static partial void LogRefused(ILogger log, string change, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changes of an earlier run could not be put back in force")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
