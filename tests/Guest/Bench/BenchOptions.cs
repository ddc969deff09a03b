namespace Coxswain.Guest.Bench;

/// <summary>What the benchmark is asked to do.</summary>
internal sealed record BenchOptions
{
    public const string Usage =
        """
        usage: coxswain-guest bench [--scenarios A,B] [--schedulers A,B] [--scheduler COMMAND] [--repetitions N] [--seed N]
                                    [--quick] [--name-cpus] [--verbose] [--list]

        Runs every scenario under every scheduler that has something to show in it, N times in random order (5; 2 with --quick; where the
        clock counts instructions, so that figures are almost the same each time, 3 and 1), and prints a line of JSON for the machine, and one
        for each figure: scenario, scheduler, repetition, metric, unit, value. Needs root, a kernel with sched_ext that no other scheduler
        uses, and the workloads on PATH (cox-chain, cox-hog, cox-wake, cox-pipe, cox-build, cox-spawn, hackbench;
        scenarios of cyclictest, stress-ng, sysbench and perf are left out where these are not). Standard error ends with how long each took.

          --scenarios A,B      only these; --list shows them        --schedulers A,B   only these
          --scheduler COMMAND  beside them, another sched_ext scheduler that COMMAND attaches and an interrupt ends
          --quick              fewer samples, fewer scenarios and schedulers: minutes
          --name-cpus          the number of CPUs is a part of the scenarios' names in the figures
          --seed N             of the order (1)                     --verbose          show the server's log

        Exit 0: all of it ran. 1: something did not, and standard error says what. 2: wrong arguments.
        """;

    public required string Scenarios { get; init; }

    public required string Schedulers { get; init; }

    /// <summary>Empty: none.</summary>
    public required string Foreign { get; init; }

    public required int Repetitions { get; init; }

    public required int Seed { get; init; }

    public required bool IsQuick { get; init; }

    public required bool NamesCpus { get; init; }

    public required bool IsVerbose { get; init; }

    public required bool IsListing { get; init; }

    public static BenchOptions Parse(string[] arguments)
    {
        var options = new Options(arguments);
        bool isQuick = options.Flag("--quick");
        var parsed = new BenchOptions
        {
            Scenarios = options.Text("--scenarios", ""),
            Schedulers = options.Text("--schedulers", ""),
            Foreign = options.Text("--scheduler", ""),
            Repetitions = options.Number("--repetitions", UsualRepetitions(isQuick), 1, 1000),
            Seed = options.Number("--seed", 1, 0, int.MaxValue),
            IsQuick = isQuick,
            NamesCpus = options.Flag("--name-cpus"),
            IsVerbose = options.Flag("--verbose"),
            IsListing = options.Flag("--list"),
        };
        options.End();
        return parsed;
    }

    private static int UsualRepetitions(bool isQuick) => (isQuick, Accelerator.CountsInstructions) switch
    {
        (true, true) => 1,
        (true, false) => 2,
        (false, true) => 3,
        (false, false) => 5,
    };
}
