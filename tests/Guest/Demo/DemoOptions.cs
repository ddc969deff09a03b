namespace Coxswain.Guest.Demo;

/// <summary>What the demo is asked to do.</summary>
internal sealed record DemoOptions
{
    public const string Auto = "auto";
    public const string Pods = "pods";
    public const string Cgroups = "cgroups";

    public const string Usage =
        """
        usage: coxswain-guest demo [--node auto|pods|cgroups] [--runtime PROGRAM] [--keep-pods] [--samples N] [--warmup N]
                                   [--period-us U] [--hogs N] [--server PATH] [--policy NAME] [--json PATH|-] [--strict] [--verbose]

        Starts the chain ue -> gnb -> upf and CPU hogs, in pods of containerd, then works as an agent would: it starts
        `coxswain mcp`, looks for the chain's pods by their label, gives them priority, takes it back, and ends the server;
        after each step it measures round trips. Needs root and a kernel with sched_ext that no other scheduler uses.

          --node pods      in pods: a containerd with the image of build/containerd.sh must run, or be started
          --node cgroups   in plain cgroups; cox-chain and cox-hog must be on PATH
          --node auto      in pods where they can be run, else in cgroups, which it says (the default)
          --runtime PROG   starts PROG first, which runs containerd and prints 'ready'
          --keep-pods      leaves the pods to the machine, which ends

          --samples N      round trips per measurement (600)         --hogs N       CPU hogs (2 per CPU)
          --warmup N       round trips before each, not counted (50)  --server PATH  the MCP server (coxswain)
          --period-us U    time between two packets (20000)           --policy NAME  passed on to the server
          --json PATH      also write the result as JSON; - prints it as the last line, after 'demo.json: '
          --strict         exit 3 when the figures are not as expected (otherwise they are only printed)
          --verbose        show the server's log

        Exit 0: it ran, and everything that was asked for was seen to happen. 1: it did not. 2: wrong arguments.
        """;

    public required string Node { get; init; }

    /// <summary>Empty: none has to be started.</summary>
    public required string Runtime { get; init; }

    public required bool KeepsPods { get; init; }

    public required int Samples { get; init; }

    public required int Warmup { get; init; }

    public required int PeriodUs { get; init; }

    public required int Hogs { get; init; }

    public required string Server { get; init; }

    /// <summary>Empty: the server's own choice.</summary>
    public required string Policy { get; init; }

    /// <summary>Empty: none. "-": standard output.</summary>
    public required string Json { get; init; }

    public required bool Strict { get; init; }

    public required bool Verbose { get; init; }

    public static DemoOptions Parse(string[] arguments)
    {
        var options = new Options(arguments);
        var parsed = new DemoOptions
        {
            Node = options.Text("--node", Auto),
            Runtime = options.Text("--runtime", ""),
            KeepsPods = options.Flag("--keep-pods"),
            Samples = options.Number("--samples", 600, 1, 1_000_000),
            Warmup = options.Number("--warmup", 50, 0, 1_000_000),
            PeriodUs = options.Number("--period-us", 20_000, 100, 1_000_000),
            Hogs = options.Number("--hogs", 2 * Environment.ProcessorCount, 1, 4096),
            Server = options.Text("--server", "coxswain"),
            Policy = options.Text("--policy", ""),
            Json = options.Text("--json", ""),
            Strict = options.Flag("--strict"),
            Verbose = options.Flag("--verbose"),
        };
        options.End();
        return parsed.Node is Auto or Pods or Cgroups
            ? parsed
            : throw new UsageException($"--node {parsed.Node}: must be {Auto}, {Pods} or {Cgroups}");
    }
}
