using Coxswain.Core.Observe;
using ModelContextProtocol;

namespace Coxswain.Mcp.Tools;

/// <summary>Waits until the observer has seen as much as a call asks for.</summary>
internal sealed class ObservedWindow(IObserver observer, TimeProvider time)
{
    /// <summary>Longest window, seconds: what the observer remembers.</summary>
    public const int Most = 600;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    // On a busy machine a second of the observer may be longer than one.
    private const int Patience = 3;
    private static readonly TimeSpan s_more = TimeSpan.FromSeconds(10);

    /// <summary>Switches the observer on and waits for the seconds of a window, unless they are there.</summary>
    /// <param name="seconds">How many.</param>
    /// <param name="afresh">Only seconds that begin from now on.</param>
    /// <param name="progress">Is told once a second.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>First and last second.</returns>
    /// <exception cref="ToolRefusedException">The observer cannot be switched on.</exception>
    public async Task<(uint First, uint Last)> WaitAsync(
        int seconds, bool afresh, IProgress<ProgressNotificationValue>? progress, CancellationToken cancellationToken)
    {
        var ran = observer.State.Running;
        try
        {
            await Task.Run(observer.Start, cancellationToken).ConfigureAwait(false);
        }
        catch (ObserverUnavailableException exception)
        {
            throw new ToolRefusedException(exception.Message);
        }

        var began = observer.State.LastSecond;
        // Of the second that goes on a part lies before the call.
        var earliest = afresh && ran ? began + 2 : 1;
        var wanted = earliest + (uint)seconds - 1;
        var start = time.GetTimestamp();
        var told = began;
        for (; ; )
        {
            var state = observer.State;
            if (!state.Running)
            {
                throw new ToolRefusedException("the observer was switched off meanwhile; call again");
            }

            var last = state.LastSecond;
            if (last >= wanted || time.GetElapsedTime(start) > Patience * TimeSpan.FromSeconds(seconds) + s_more)
            {
                return (last >= wanted ? last - (uint)seconds + 1 : earliest, last);
            }

            if (last != told)
            {
                told = last;
                progress?.Report(new ProgressNotificationValue
                {
                    Progress = last - began,
                    Total = wanted - began,
                    Message = $"observed {last - began} of {wanted - began} s",
                });
            }

            await Task.Delay(s_look, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
