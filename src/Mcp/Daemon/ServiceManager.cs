using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Coxswain.Core.Intents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Daemon;

/// <summary>Tells systemd when the daemon is ready, that it is alive, and that it stops (sd_notify(3)); nothing where it is not asked for.</summary>
/// <remarks>Alive means that the core answers: a daemon whose lock is held for ever is restarted.</remarks>
internal sealed partial class ServiceManager(IntentService intents, IHostApplicationLifetime lifetime, ILogger<ServiceManager> log) : BackgroundService
{
    private readonly string _socket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET") ?? "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_socket.Length == 0)
        {
            return;
        }

        using var ready = lifetime.ApplicationStarted.Register(() => Tell("READY=1"));
        using var ends = lifetime.ApplicationStopping.Register(() => Tell("STOPPING=1"));
        if (WatchdogInterval() is not { } interval)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        using var timer = new PeriodicTimer(interval);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            _ = intents.ActiveCount; // waits for the core's lock
            Tell("WATCHDOG=1");
        }
    }

    // Twice as often as it has to be.
    private static TimeSpan? WatchdogInterval() =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var us) && us > 0
            ? TimeSpan.FromMicroseconds(us / 2.0)
            : null;

    private void Tell(string state)
    {
        try
        {
            // A leading @ stands for the abstract namespace, which begins with a zero byte.
            var address = new UnixDomainSocketEndPoint(_socket[0] == '@' ? '\0' + _socket[1..] : _socket);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.ASCII.GetBytes(state), address);
        }
        catch (SocketException exception)
        {
            LogNotTold(log, state, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The service manager could not be told {State}: {Problem}")]
    private static partial void LogNotTold(ILogger log, string state, string problem);
}
