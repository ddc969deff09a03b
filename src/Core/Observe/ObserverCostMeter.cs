using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Observe;

/// <summary>Measures what the observer costs on this machine. Loads it for some seconds, and nothing else.</summary>
public static class ObserverCostMeter
{
    /// <summary>How often a ping-pong is run with and without the observer.</summary>
    public const int Pairs = 15;

    // The shortest of some runs is a sample: what else the machine does only ever makes one longer.
    private const int Runs = 5;
    private const double RunNs = 5e6;
    private const int FirstRounds = 500;
    private const int WarmUpRounds = 100;
    private static readonly TimeSpan s_detaching = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Measures it; takes about five seconds.</summary>
    /// <exception cref="ObserverUnavailableException">It cannot be measured; the message says why and what to do.</exception>
    public static ObserverCost Measure()
    {
        RequireOff();
        try
        {
            var pairs = MeasureSwitches();
            var (rollUpNs, threads) = MeasureRollUp();
            return ObserverCost.Of(pairs, rollUpNs, threads);
        }
        catch (InvalidOperationException exception)
        {
            throw new ObserverUnavailableException(exception.Message);
        }
    }

    // Beside another one it would be measured what a second costs.
    private static void RequireOff()
    {
        // The kernel lets go of programs some milliseconds after they were detached.
        for (var waited = TimeSpan.Zero; LoadedPrograms.Contains("observe_switch"u8); waited += TimeSpan.FromMilliseconds(50))
        {
            if (waited >= s_detaching)
            {
                throw new ObserverUnavailableException(
                    "An observer is on already, so it cannot be seen what this machine is without one. " +
                    "Stop the server that it belongs to, or try again 20 minutes after it was last asked.");
            }

            Thread.Sleep(50);
        }
    }

    private static List<(double With, double Without)> MeasureSwitches()
    {
        using var program = ObserverProgram.Load(ObserverRoom.ForThisMachine(), CpuTopology.Read());
        using var game = new PingPong();
        game.Run(FirstRounds);
        // Two switches each.
        var rounds = (int)Math.Clamp(RunNs / (2 * game.Run(FirstRounds)), WarmUpRounds, 1_000_000);
        var pairs = new List<(double, double)>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            // Each order as often as the other: what drifts counts for both.
            var first = Sample(program, game, rounds, isOn: pair % 2 == 0);
            var second = Sample(program, game, rounds, isOn: pair % 2 != 0);
            pairs.Add(pair % 2 == 0 ? (first, second) : (second, first));
        }

        return pairs;
    }

    private static double Sample(ObserverProgram program, PingPong game, int rounds, bool isOn)
    {
        if (isOn)
        {
            program.Attach();
        }

        game.Run(WarmUpRounds);
        var switchNs = Enumerable.Range(0, Runs).Min(_ => game.Run(rounds));
        program.Detach();
        return switchNs;
    }

    private static (long RollUpNs, int Threads) MeasureRollUp()
    {
        using var observer = new Observer(new ProcTaskSource(), TimeProvider.System);
        observer.Start();
        // In the first second everybody is new.
        for (var waited = TimeSpan.Zero; observer.State.LastSecond < 2; waited += TimeSpan.FromMilliseconds(20))
        {
            if (waited > s_patience)
            {
                throw new ObserverUnavailableException($"No two seconds were observed within {s_patience.TotalSeconds} s: this machine is too busy. Try again later.");
            }

            Thread.Sleep(20);
        }

        var state = observer.State;
        return (state.RollUpNs, observer.Observe(state.LastSecond, state.LastSecond, ObservationScope.Node).Tasks.Count);
    }
}
