using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Coxswain.Core;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>Holds the scheduler attached and tells of it when asked to.</summary>
internal static class HoldProbe
{
    private const string Usage =
        """
        usage: coxswain-guest hold [--policy deadline|vtime|fifo|broken|silent|placing|timed] [--lease-us N] [--watchdog-ms N]
                                     [--stale-ms N] [--ring-bytes N] [--only-ext 0|1] [--loops N]

        Attaches the scheduler and prints a line of JSON. Then obeys lines on standard input, each answered by a line:
          snapshot                           its state
          collect                            collects garbage and gives free memory back
          lease MICROSECONDS                 changes the lease
          mode assist|kernel|strict          changes when user space is asked
          policy NAME                        changes the policy
          task TID CLASS [BUDGET_US [MS]]    directs a thread for a day, or so long; CLASS none takes it back; budget 0: the default
          task TID hard|soft CPUS            gives it a CPU set instead, such as 0-3,8
          cgroup PATH ...                    the same for a cgroup
          garbage start|stop                 makes 500 MB of garbage a second, or what the machine can, and collects it, blocking
          burn COUNT                         keeps so many threads of this process busy; 0 ends it
          steps                              policy 'timed': how long each step through user space took since the last such line
          stop                               detaches and ends it, as end of input, SIGTERM and SIGINT do
        The policy 'broken' throws at its hundredth task, 'silent' answers none, 'placing' picks a CPU for each, 'timed' is
        'deadline' with a look at the clock at each step.
        """;

    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return Task.FromResult(ExitCode.Worked);
        }

        var options = new Options(arguments);
        string policy = options.Text("--policy", PolicyNames.All[0]);
        var steps = new StepTimes();
        var settings = new SchedulerOptions
        {
            Policy = policy,
            CreatePolicy = policy switch
            {
                BrokenPolicy.Name => () => new BrokenPolicy(),
                SilentPolicy.Name => () => new SilentPolicy(),
                PlacingPolicy.Name => () => new PlacingPolicy(),
                TimedPolicy.Name => () => new TimedPolicy(steps),
                _ => null,
            },
            LeaseNs = options.Number("--lease-us", 2000, 0, 20_000) * 1000L,
            WatchdogMs = options.Number("--watchdog-ms", 10_000, 1000, 30_000),
            StaleNs = options.Number("--stale-ms", 20, 1, 60_000) * 1_000_000L,
            OnlyExtTasks = options.Number("--only-ext", 0, 0, 1) != 0,
            DispatchLoops = options.Number("--loops", 0, 0, 16),
            NoticeRingBytes = (uint)options.Number("--ring-bytes", 1 << 20, 4096, 1 << 24),
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
        new Thread(() => Obey(scheduler, steps, stop)) { IsBackground = true }.Start();
        stop.Wait();
        scheduler.Stop();
        ProbeJson.Print(json =>
        {
            json.WriteString("event", "stopped");
            json.WriteSnapshot(scheduler.Snapshot());
        });
        return Task.FromResult(ExitCode.Worked);
    }

    private static void Obey(Scheduler scheduler, StepTimes steps, ManualResetEventSlim stop)
    {
        using var garbage = new GarbageStorm();
        using var busy = new BusyThreads();
        while (Console.In.ReadLine() is { } line && line != "stop")
        {
            string problem = "";
            try
            {
                Obey(scheduler, garbage, busy, line.Split(' '));
            }
            catch (Exception e) when (e is ArgumentException or FormatException or SchedulerUnavailableException)
            {
                problem = e.Message;
            }

            ProbeJson.Print(json =>
            {
                json.WriteString("event", line.Split(' ')[0]);
                json.WriteString("problem", problem);
                garbage.Write(json);
                if (line == "steps")
                {
                    steps.Write(json);
                }

                json.WriteSnapshot(scheduler.Snapshot());
            });
        }

        stop.Set();
    }

    private static void Obey(Scheduler scheduler, GarbageStorm garbage, BusyThreads busy, string[] words)
    {
        switch (words)
        {
            case ["snapshot"] or ["steps"]:
                break;
            case ["collect"]:
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                break;
            case ["lease", var us]:
                scheduler.SetLease(long.Parse(us, CultureInfo.InvariantCulture) * 1000);
                break;
            case ["mode", var mode]:
                scheduler.SetMode(Enum.Parse<AskingMode>(mode, ignoreCase: true));
                break;
            case ["policy", var policy]:
                scheduler.SetPolicy(policy);
                break;
            case ["garbage", "start"]:
                garbage.Start();
                break;
            case ["garbage", "stop"]:
                garbage.Stop();
                break;
            case ["burn", var count]:
                busy.Keep(int.Parse(count, CultureInfo.InvariantCulture));
                break;
            case ["task" or "cgroup", var target, var name, .. var rest]:
                Direct(scheduler, words[0] == "cgroup", target, name, rest);
                break;
            default:
                throw new ArgumentException("unknown request (--help shows the known ones)");
        }
    }

    private static void Direct(Scheduler scheduler, bool cgroup, string target, string name, string[] rest)
    {
        bool done;
        if (name == "none")
        {
            done = cgroup ? scheduler.CgroupDirectives.TryRemoveCgroup(target) : scheduler.Directives.TryRemove(Key(target));
        }
        else
        {
            Directive directive = name is "hard" or "soft" ? CpuSet(scheduler, rest, name == "hard") : OfClass(name, rest);
            done = cgroup ? scheduler.CgroupDirectives.TryWriteCgroup(target, directive) : scheduler.Directives.TryWrite(Key(target), directive);
        }

        scheduler.Directives.Publish();
        if (!done)
        {
            throw new ArgumentException($"{target} is not there, or has no directive");
        }
    }

    private static Directive OfClass(string name, string[] rest) => new()
    {
        Class = Enum.Parse<SchedulingClass>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
        ClassExpiresNs = MonotonicClock.NowNs + (rest is [_, var ms] ? ulong.Parse(ms, CultureInfo.InvariantCulture) * 1_000_000 : 86_400_000_000_000),
        ClassIntent = 1,
        BudgetNs = rest is [var budget, ..] ? ulong.Parse(budget, CultureInfo.InvariantCulture) * 1000 : 0,
    };

    private static Directive CpuSet(Scheduler scheduler, string[] rest, bool hard) => new()
    {
        CpuSet = (uint)scheduler.CpuSets.Define([.. CpuList.Parse(rest[0])], hard),
        CpusExpiresNs = MonotonicClock.NowNs + 86_400_000_000_000,
        CpusIntent = 1,
    };

    private static TaskKey Key(string tid)
    {
        string stat = File.ReadAllText($"/proc/{tid}/task/{tid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new TaskKey(int.Parse(tid, CultureInfo.InvariantCulture), long.Parse(fields[22 - 3], CultureInfo.InvariantCulture));
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, ManualResetEventSlim stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stop.Set();
        });
}
