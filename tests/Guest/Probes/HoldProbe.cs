using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;

namespace Coxswain.Guest.Probes;

/// <summary>Holds the scheduler attached and tells of it when asked to.</summary>
internal static class HoldProbe
{
    private const string Usage =
        """
        usage: coxswain-guest hold [--policy vtime|fifo] [--lease-us N] [--watchdog-ms N]

        Attaches the scheduler and prints a line of JSON. Then obeys lines on standard input: 'snapshot' prints its
        state, 'lease MICROSECONDS' changes the lease, 'stop', end of input, SIGTERM and SIGINT detach and end it.
        """;

    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return Task.FromResult(ExitCode.Worked);
        }

        var options = new Options(arguments);
        var settings = new SchedulerOptions
        {
            Policy = options.Text("--policy", "vtime"),
            LeaseNs = options.Number("--lease-us", 2000, 0, 20_000) * 1000L,
            WatchdogMs = options.Number("--watchdog-ms", 10_000, 1000, 30_000),
        };
        options.End();
        using var scheduler = new Scheduler(settings);
        long started = Stopwatch.GetTimestamp();
        try
        {
            scheduler.Start();
        }
        catch (SchedulerUnavailableException e)
        {
            ProbeJson.Print(json =>
            {
                json.WriteString("event", "failed");
                json.WriteString("reason", e.Message);
            });
            return Task.FromResult(ExitCode.Failed);
        }

        double attachMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        ProbeJson.Print(json =>
        {
            json.WriteString("event", "attached");
            json.WriteNumber("attach_ms", Math.Round(attachMs));
            json.WriteSnapshot(scheduler.Snapshot());
        });
        using var stop = new ManualResetEventSlim();
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        new Thread(() => Obey(scheduler, stop)) { IsBackground = true }.Start();
        stop.Wait();
        scheduler.Stop();
        ProbeJson.Print(json =>
        {
            json.WriteString("event", "stopped");
            json.WriteSnapshot(scheduler.Snapshot());
        });
        return Task.FromResult(ExitCode.Worked);
    }

    private static void Obey(Scheduler scheduler, ManualResetEventSlim stop)
    {
        while (Console.In.ReadLine() is { } line && line != "stop")
        {
            if (line == "snapshot")
            {
                ProbeJson.Print(json =>
                {
                    json.WriteString("event", "snapshot");
                    json.WriteSnapshot(scheduler.Snapshot());
                });
            }
            else if (line.StartsWith("lease ", StringComparison.Ordinal))
            {
                scheduler.SetLease(long.Parse(line["lease ".Length..], CultureInfo.InvariantCulture) * 1000);
            }
        }

        stop.Set();
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, ManualResetEventSlim stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Set();
        });
}
