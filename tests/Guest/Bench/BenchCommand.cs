using System.Diagnostics;
using System.Globalization;
using Coxswain.Guest.Probes;

namespace Coxswain.Guest.Bench;

/// <summary>Every scenario under every scheduler, again and again in random order, so that what drifts hits all of them.</summary>
internal static class BenchCommand
{
    private const double QuietShare = 0.9;
    private static readonly TimeSpan s_quietLimit = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(BenchOptions.Usage);
            return ExitCode.Worked;
        }

        BenchOptions options = BenchOptions.Parse(arguments);
        IReadOnlyList<Scenario> scenarios = Chosen(Catalogue.Scenarios(options.IsQuick), s => s.Name, options.Scenarios, Catalogue.Scenarios(false), "scenario");
        IReadOnlyList<Contender> contenders = Chosen(Catalogue.Contenders(options.IsQuick), c => c.Name, options.Schedulers, Catalogue.Contenders(false), "scheduler");
        if (options.Foreign.Length > 0)
        {
            contenders = [.. contenders, new ForeignContender(options.Foreign)];
        }
        if (options.Scenarios.Length == 0 && scenarios.Where(s => s.Tool.Length > 0 && !Tool.IsHere(s.Tool)).ToArray() is { Length: > 0 } missing)
        {
            await Console.Error.WriteLineAsync($"left out, as their program is not here: {string.Join(", ", missing.Select(s => $"{s.Name} ({s.Tool})"))}");
            scenarios = [.. scenarios.Except(missing)];
        }
        if (options.IsListing)
        {
            Console.WriteLine($"scenarios:  {string.Join(' ', scenarios.Select(s => s.Name))}\nschedulers: {string.Join(' ', contenders.Select(c => c.Name))}");
            return ExitCode.Worked;
        }

        KernelState.RequireFree();
        await WaitForQuietAsync();
        ProbeJson.Print(json =>
        {
            json.WriteString("kernel", KernelState.Release);
            json.WriteNumber("cpus", Environment.ProcessorCount);
            json.WriteString("accelerator", Accelerator.Name);
        });
        var random = new Random(options.Seed);
        var clock = new HostClock();
        var cells = new CellTimes();
        List<string> failures = [];
        for (int repetition = 1; repetition <= options.Repetitions; repetition++)
        {
            (Scenario Scenario, Contender Contender)[] runs =
                [.. scenarios.SelectMany(s => contenders.Where(s.Takes).Select(c => (s, c)))];
            random.Shuffle(runs);
            foreach ((Scenario scenario, Contender contender) in runs)
            {
                double begin = clock.Seconds;
                string outcome;
                try
                {
                    (IReadOnlyList<Sample> samples, string problem) = await MeasureAsync(scenario, contender, options);
                    // At once, so that a run that is ended early has told what it knew.
                    foreach (Sample sample in samples)
                    {
                        Print(scenario, contender, repetition, sample, options);
                    }
                    outcome = string.Join(", ", samples.Take(3).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Metric} {s.Value:0.##} {s.Unit}")));
                    if (problem.Length > 0)
                    {
                        Fail(problem);
                    }
                }
                catch (GuestException e) when (KernelState.State is "disabled")
                {
                    // The others are worth having without this one.
                    Fail(e.Message);
                }

                void Fail(string why)
                {
                    outcome = $"FAILED: {why}";
                    failures.Add($"{scenario.Name} {contender.Name}: {why}");
                }
                cells.Add(scenario.Name, contender.Name, clock.Seconds - begin);
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{clock.Seconds,6:F0} s  {repetition}/{options.Repetitions} {scenario.Name} {contender.Name}: {outcome}"));
            }
        }
        await Console.Error.WriteLineAsync(cells.ToString());
        failures.ForEach(failure => Console.Error.WriteLine($"failed: {failure}"));
        return failures.Count == 0 ? ExitCode.Worked : ExitCode.Failed;
    }

    /// <summary>A kernel that has just booted tests its ciphers for seconds; whoever is measured first would pay for it.</summary>
    private static async Task WaitForQuietAsync()
    {
        var limit = Stopwatch.StartNew();
        (long idle, long all) = Cpu();
        while (limit.Elapsed < s_quietLimit)
        {
            await Task.Delay(1000);
            (long idleNow, long allNow) = Cpu();
            if (idleNow - idle > QuietShare * (allNow - all))
            {
                return;
            }
            (idle, all) = (idleNow, allNow);
        }
    }

    /// <summary>Idle and all ticks of all CPUs until now.</summary>
    private static (long Idle, long All) Cpu()
    {
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] ticks = [.. fields.Skip(1).Select(f => long.Parse(f, CultureInfo.InvariantCulture))];
        return (ticks[3], ticks.Sum());
    }

    /// <summary>Measures once.</summary>
    /// <returns>The figures, and why there are none but that of the stalls; empty: there are.</returns>
    private static async Task<(IReadOnlyList<Sample> Samples, string Problem)> MeasureAsync(Scenario scenario, Contender contender, BenchOptions options)
    {
        // First the scheduler: the workload then starts under it, as it would on a machine that runs it always.
        await using IRunning running = await contender.StartAsync(options);
        (string state, string sequence) = (KernelState.State, KernelState.EnableSequence);
        using Workload workload = await scenario.Start(options);
        await running.GrantAsync(workload.Wishes);
        using VerdictTimes? verdicts = contender.IsOurs ? VerdictTimes.Open() : null;
        await workload.WarmUpAsync();
        verdicts?.Restart();
        using StallWatch? stalls = scenario.CountsStalls ? new StallWatch() : null;
        try
        {
            IReadOnlyList<Sample> samples = [.. await workload.MeasureAsync(running), .. verdicts?.Read() ?? []];
            // One that was ejected may have been attached again.
            if (KernelState.EnableSequence != sequence || KernelState.State != state)
            {
                throw new GuestException($"{contender.Name} did not stay attached: sched_ext was {state}, {sequence} attachments; now {KernelState.State}, {KernelState.EnableSequence}");
            }
            return ([.. samples, .. Counted()], "");
        }
        catch (GuestException e) when (stalls is not null)
        {
            // Its other figures are not this scheduler's; that it was ended is.
            return ([.. Counted()], e.Message);
        }

        IEnumerable<Sample> Counted() => stalls is null ? [] : [new Sample("stalls", "", stalls.Count() + workload.Stalled)];
    }

    private static IReadOnlyList<T> Chosen<T>(IReadOnlyList<T> usual, Func<T, string> name, string wanted, IReadOnlyList<T> all, string what)
    {
        if (wanted.Length == 0)
        {
            return usual;
        }
        return [.. wanted.Split(',').Select(w => all.FirstOrDefault(item => name(item) == w)
            ?? throw new UsageException($"unknown {what} '{w}': {string.Join(", ", all.Select(name))}"))];
    }

    private static void Print(Scenario scenario, Contender contender, int repetition, Sample sample, BenchOptions options) => ProbeJson.Print(json =>
    {
        json.WriteString("scenario", options.NamesCpus ? $"{scenario.Name}_{Environment.ProcessorCount}_cpus" : scenario.Name);
        json.WriteString("scheduler", contender.Name);
        json.WriteNumber("repetition", repetition);
        json.WriteString("metric", sample.Metric);
        json.WriteString("unit", sample.Unit);
        json.WriteNumber("value", Math.Round(sample.Value, 4));
    });
}
