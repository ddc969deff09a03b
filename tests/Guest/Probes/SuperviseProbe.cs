using System.Runtime.InteropServices;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Supervision;
using Coxswain.Core.Workloads;

namespace Coxswain.Guest.Probes;

/// <summary>The scheduler under supervision, with intents, and a way to make it fail.</summary>
internal sealed class SuperviseProbe : ISupervisorObserver, IDisposable
{
    private const string Usage =
        """
        usage: coxswain-guest supervise [--watchdog-ms N] [--pause-ms N] [--suspect-ms N]

        Starts the scheduler under supervision. Prints a line of JSON when it has tried to, and one whenever the scheduler
        ends or is started again. Obeys lines on standard input, each answered by a line:
          snapshot             its state
          fail                 the kernel side serves nobody any more, until the watchdog ends it
          start                starts it on request
          apply PID CLASS      directs a process for a day; the answer has the id of the change
          changes              all changes, with what ended them
          stop                 stops it and ends, as end of input, SIGTERM and SIGINT do
        """;

    private readonly Lock _output = new();
    private readonly Scheduler _scheduler;
    private readonly Supervisor _supervisor;
    private readonly IntentService _intents;

    private SuperviseProbe(SchedulerOptions settings, SupervisorOptions options)
    {
        _scheduler = new Scheduler(settings);
        _supervisor = new Supervisor(_scheduler, TimeProvider.System, options, this);
        _intents = new IntentService(_supervisor, new ProcTaskSource(), new ProtectedTasks(Environment.ProcessId), TimeProvider.System);
        _supervisor.Changed += _intents.FollowScheduler;
    }

    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return Task.FromResult(ExitCode.Worked);
        }

        var options = new Options(arguments);
        var settings = new SchedulerOptions { WatchdogMs = options.Number("--watchdog-ms", 10_000, 1000, 30_000), AllowFaults = true };
        var supervision = new SupervisorOptions
        {
            FirstPause = TimeSpan.FromMilliseconds(options.Number("--pause-ms", 1000, 0, 60_000)),
            SuspectAge = TimeSpan.FromMilliseconds(options.Number("--suspect-ms", 30_000, 0, 600_000)),
        };
        options.End();
        using var probe = new SuperviseProbe(settings, supervision);
        probe.Run();
        return Task.FromResult(ExitCode.Worked);
    }

    public void Ended(SchedulerEnd how) => Print(json =>
    {
        json.WriteString("event", "ended");
        json.WriteString("cause", how.Cause);
        json.WriteString("next", how.Next.ToString());
        json.WriteNumber("failures", how.Failures);
        json.WriteNumber("kind", how.Exit?.Kind ?? 0);
        json.WriteNumber("dump_length", how.Exit?.Dump.Length ?? 0);
        json.WriteBoolean("dump_names_our_process", how.Exit?.Dump.Contains("cox-dispatch", StringComparison.Ordinal) ?? false);
    });

    public void StartedAgain() => Print(json => json.WriteString("event", "started_again"));

    private void Run()
    {
        using var stop = new ManualResetEventSlim();
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        Answer("start");
        new Thread(() => Obey(stop)) { IsBackground = true }.Start();
        stop.Wait();
        _supervisor.Stop();
        Print(json =>
        {
            json.WriteString("event", "stopped");
            json.WriteSnapshot(_supervisor.Snapshot());
        });
    }

    public void Dispose()
    {
        _intents.Dispose();
        _supervisor.Dispose();
        _scheduler.Dispose();
    }

    private void Obey(ManualResetEventSlim stop)
    {
        while (Console.In.ReadLine() is { } line && line != "stop")
        {
            Answer(line.Split(' '));
        }

        stop.Set();
    }

    private void Answer(params string[] words)
    {
        string problem = "", change = "";
        try
        {
            change = Obey(words);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or SchedulerUnavailableException or IntentRejectedException)
        {
            problem = e.Message;
        }

        SchedulerSnapshot snapshot = _supervisor.Snapshot();
        Print(json =>
        {
            json.WriteString("event", words[0]);
            json.WriteString("problem", problem);
            json.WriteString("change", change);
            json.WriteBoolean("restart_pending", snapshot.RestartAt is not null);
            json.WriteStartObject("changes");
            foreach (Change known in _intents.Changes(includeEnded: true))
            {
                json.WriteString(known.Id, known.IsActive ? "active" : known.EndCause.ToString());
            }

            json.WriteEndObject();
            json.WriteSnapshot(snapshot);
        });
    }

    private string Obey(string[] words)
    {
        switch (words)
        {
            case ["snapshot" or "changes"]:
                return "";
            case ["start"]:
                _supervisor.Start();
                return "";
            case ["fail"]:
                _scheduler.Fail();
                return "";
            case ["apply", var pid, var name]:
                return _intents.Apply(new IntentRequest
                {
                    Selector = Selector.OfPids([int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture)]),
                    Effect = IntentEffect.OfClass(Enum.Parse<SchedulingClass>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true)),
                    TtlSeconds = 86_400,
                    Author = "probe",
                }).Change.Id;
            default:
                throw new ArgumentException("unknown request (--help shows the known ones)");
        }
    }

    private void Print(Action<System.Text.Json.Utf8JsonWriter> members)
    {
        lock (_output)
        {
            ProbeJson.Print(members);
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, ManualResetEventSlim stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Set();
        });
}
