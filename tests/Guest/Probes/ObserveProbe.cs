using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Coxswain.Core.Observe;
using Coxswain.Core.Workloads;

namespace Coxswain.Guest.Probes;

/// <summary>The observer on its own: what it says of chosen threads, what it costs, and what it holds.</summary>
internal static class ObserveProbe
{
    private const string Usage =
        """
        usage: coxswain-guest observe [--seconds S | --until FILE] [--command REGEX] [--slots N] [--pairs-held N]
               coxswain-guest observe --pairs N [--round-trips R]

        Observes for S seconds (5), or until FILE exists and two seconds more, and prints what it saw of the threads whose name matches, who delayed them, the chain of
        wake-ups that they are in, and what it holds and cost. With --slots and --pairs-held it has room for no more threads, and pairs of
        threads, than that.
        With --pairs it runs 'cox-waits pipe' N times with and N times without the observer, in turns, and prints the median of both times
        and of their ratios. Each time is the shortest of five runs: what else the machine does only ever makes one longer.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return ExitCode.Worked;
        }

        var options = new Options(arguments);
        int seconds = options.Number("--seconds", 5, 1, 600);
        var command = new Regex(options.Text("--command", "."), RegexOptions.None, TimeSpan.FromSeconds(1));
        string until = options.Text("--until", "");
        int pairs = options.Number("--pairs", 0, 0, 100);
        int roundTrips = options.Number("--round-trips", 10_000, 5, 10_000_000);
        int slots = options.Number("--slots", 0, ObserverRoom.FewestSlots, ObserverRoom.MostSlots);
        int pairsHeld = options.Number("--pairs-held", ObserverRoom.UsualPairs, 1, ObserverRoom.UsualPairs);
        options.End();
        try
        {
            ObserverRoom room = new(slots > 0 ? slots : ObserverRoom.ForThisMachine().Slots, pairsHeld);
            await (pairs > 0 ? CompareAsync(pairs, roundTrips) : ObserveAsync(seconds, until, command, room));
            return ExitCode.Worked;
        }
        catch (ObserverUnavailableException exception)
        {
            throw new GuestException(exception.Message);
        }
    }

    private static async Task ObserveAsync(int seconds, string until, Regex command, ObserverRoom room)
    {
        long rssBefore = StatusKib("VmRSS");
        using var observer = new Observer(() => new BpfObserverPort(room), new ProcTaskSource(), TimeProvider.System);
        observer.Start();
        Console.WriteLine("""{"event":"observing"}""");
        long longestRollUpNs = 0;
        long end = until.Length > 0 ? long.MaxValue : seconds;
        for (uint last = 0; last < end;)
        {
            if (end == long.MaxValue && File.Exists(until))
            {
                end = last + 2;
            }

            await Task.Delay(100);
            ObserverState now = observer.State;
            longestRollUpNs = now.LastSecond > last ? Math.Max(longestRollUpNs, now.RollUpNs) : longestRollUpNs;
            last = now.LastSecond;
        }

        ObserverState state = observer.State;
        var scope = new ObservationScope(task => command.IsMatch(task.Command));
        Observation observation = observer.Observe(1, state.LastSecond, scope);
        ObservedMetrics total = observation.Total;
        IReadOnlyList<ObservedPair> delays = observer.Delays(1, state.LastSecond, scope);
        IReadOnlyList<ChainProcess> chain = WakeChain.Find(observer.Wakes(1, state.LastSecond), scope.Includes);
        ProbeJson.Print(json =>
        {
            json.WriteNumber("seconds", observation.DurationNs / 1e9);
            json.WriteNumber("threads", observation.Tasks.Count);
            json.WriteNumber("waits", total.Waits);
            json.WriteNumber("wait_ns", total.WaitNs);
            json.WriteNumber("run_ns", total.RunNs);
            json.WriteNumber("p50_ns", total.WaitPercentileNs(0.5) ?? 0);
            json.WriteNumber("p90_ns", total.WaitPercentileNs(0.9) ?? 0);
            json.WriteNumber("p99_ns", total.WaitPercentileNs(0.99) ?? 0);
            json.WriteNumber("max_ns", total.LongestWaitNs);
            json.WriteNumber("voluntary", total.VoluntarySwitches);
            json.WriteNumber("involuntary", total.InvoluntarySwitches);
            json.WriteStartArray("delayers");
            foreach (ObservedPair pair in delays.Take(10))
            {
                json.WriteStartObject();
                json.WriteString("command", pair.From.Command);
                json.WriteBoolean("kernel_thread", pair.From.IsKernelThread);
                json.WriteNumber("ns", pair.Ns);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("chain");
            foreach (ChainProcess process in chain)
            {
                json.WriteStringValue(process.Leader.ProcessCommand);
            }
            json.WriteEndArray();
            json.WriteNumber("tasks", state.Tasks);
            json.WriteNumber("lost_tasks", state.Losses.TaskEvents);
            json.WriteNumber("lost_pairs", state.Losses.Pairs);
            json.WriteNumber("unexplained_ns", state.Losses.UnexplainedWaitNs);
            json.WriteNumber("roll_up_us", longestRollUpNs / 1000);
            json.WriteNumber("rss_growth_kb", StatusKib("VmRSS") - rssBefore);
        });
    }

    private static async Task CompareAsync(int pairs, int roundTrips)
    {
        var with = new List<long>();
        var without = new List<long>();
        for (int pair = 0; pair < pairs; pair++)
        {
            // Each order as often as the other: what drifts counts for both.
            for (int turn = 0; turn < 2; turn++)
            {
                if ((pair + turn) % 2 == 0)
                {
                    using var observer = new Observer(new ProcTaskSource(), TimeProvider.System);
                    observer.Start();
                    with.Add(await ShortestPipeAsync(roundTrips));
                }
                else
                {
                    without.Add(await ShortestPipeAsync(roundTrips));
                }
            }
        }

        ProbeJson.Print(json =>
        {
            json.WriteNumber("with_ns", Median(with));
            json.WriteNumber("without_ns", Median(without));
            json.WriteNumber("ratio", Math.Round(Median([.. with.Zip(without, static (one, other) => (double)one / other)]), 3));
        });
    }

    private static async Task<long> ShortestPipeAsync(int roundTrips)
    {
        long shortest = long.MaxValue;
        for (int run = 0; run < 5; run++)
        {
            shortest = Math.Min(shortest, await PipeAsync(roundTrips / 5));
        }

        return shortest;
    }

    private static async Task<long> PipeAsync(int roundTrips)
    {
        using Process process = Process.Start(new ProcessStartInfo("cox-waits", ["pipe", "--round-trips", roundTrips.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        }) ?? throw new GuestException("cox-waits cannot be started");
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? long.Parse(text.Trim(), CultureInfo.InvariantCulture) : throw new GuestException($"cox-waits ended with {process.ExitCode}");
    }

    private static T Median<T>(List<T> values) => values.Order().ElementAt(values.Count / 2);

    private static long StatusKib(string field) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
