using System.Globalization;
using Coxswain.Benchmarks;
using Coxswain.Benchmarks.Mcp;
using Coxswain.Benchmarks.Transport;

const string Usage =
    """
    usage: Coxswain.Benchmarks [--quick] [--only SCENARIOS] [--samples FILE [--only-samples] | --from FILE] [--began SECONDS]
                                [--output FILE] [--pages DIRECTORY] [--quote FILE]... [--baseline FILE [--store]]

      --quick           fewer and shorter samples: a minute and a half instead of many
      --only SCENARIOS  loops, border, calls, simulated, node, server, effect, mcp, observer or transport, and nothing else
      --samples FILE    what `coxswain-guest bench` printed: becomes part of the results
      --only-samples    nothing is measured here
      --from FILE       the results that a run wrote there with --output; nothing is measured
      --began SECONDS   when the whole run began, in seconds since 1970: how long it took becomes part of the results
      --pages DIRECTORY writes benchmarks.md there, and its pictures
      --quote FILE      renews the figures that a document has in its tables of scenario, scheduler, metric and figure
      --output FILE     writes the results there, as docs/testing.md describes them
      --baseline FILE   compares ratios and allocated bytes with the stored ones; exit code 1 if one is too large
      --store           makes this run the stored baseline
    The transport's figures need root, as they load BPF programs; without it they are left out, which is said.
    """;

bool isQuick = false;
bool isStored = false;
bool isSamplesOnly = false;
string? only = null;
string? samples = null;
string? from = null;
double? began = null;
string? pages = null;
List<string> quotes = [];
string? output = null;
string? baseline = null;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--quick":
            isQuick = true;
            break;
        case "--store":
            isStored = true;
            break;
        case "--only-samples":
            isSamplesOnly = true;
            break;
        case "--only" when i + 1 < args.Length:
            only = args[++i];
            break;
        case "--samples" when i + 1 < args.Length:
            samples = args[++i];
            break;
        case "--from" when i + 1 < args.Length:
            from = args[++i];
            break;
        case "--began" when i + 1 < args.Length && double.TryParse(args[i + 1], CultureInfo.InvariantCulture, out double at):
            began = at;
            i++;
            break;
        case "--pages" when i + 1 < args.Length:
            pages = args[++i];
            break;
        case "--quote" when i + 1 < args.Length:
            quotes.Add(args[++i]);
            break;
        case "--output" when i + 1 < args.Length:
            output = args[++i];
            break;
        case "--baseline" when i + 1 < args.Length:
            baseline = args[++i];
            break;
        default:
            bool isAsked = args[i] is "--help" or "-h";
            (isAsked ? Console.Out : Console.Error).WriteLine(Usage);
            return isAsked ? 0 : 2;
    }
}

if (from is not null)
{
    (Origin stored, IReadOnlyList<Measurement> run) = Report.Read(from);
    return Publish(stored, run);
}

GuestSamples? guest = samples is null ? null : GuestSamples.Read(samples);
List<Measurement> results = [.. guest?.Measurements ?? []];
if (!isSamplesOnly)
{
    (string Name, Func<IEnumerable<Measurement>> Run)[] scenarios =
    [
        ("loops", () => LoopScenarios.Run(isQuick)),
        ("border", () => BorderScenarios.Run(isQuick)),
        ("calls", () => ToolCallScenarios.Run(isQuick)),
        ("simulated", () => SimulatedScenarios.Run(isQuick)),
        ("node", () => NodeScenarios.Run(isQuick)),
        ("server", () => ServerScenarios.Run(Artifact("bin/coxswain"), isQuick)),
        ("effect", () => EffectScenarios.Run(Artifact("bin/coxswain"), isQuick)),
        ("mcp", () => McpScenarios.Run(Artifact("bin/coxswain"), Artifact("workloads/cox-calls"), isQuick)),
        ("observer", () => ObserverScenarios.Run(isQuick)),
        ("transport", () => TransportScenarios.Run(Path.Combine(AppContext.BaseDirectory, "transport.bpf.o"), isQuick ? 500 : 5000)),
    ];
    if (only is not null && scenarios.All(scenario => scenario.Name != only))
    {
        Console.Error.WriteLine($"--only {only}: no such scenarios; there are {string.Join(", ", scenarios.Select(scenario => scenario.Name))}");
        return 2;
    }

    results.AddRange(scenarios.Where(scenario => only is null || scenario.Name == only).SelectMany(scenario => Measure(scenario.Run)));
}
if (began is { } start && only is null)
{
    double seconds = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds - start;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The whole run took {seconds:0} s."));
    if (guest is not null)
    {
        results.Add(new Measurement(isQuick ? Targets.QuickRun : Targets.FullRun, "none", Targets.Duration, "s", [seconds]));
    }
}

return Publish(Origin.Of(guest), results);

int Publish(Origin origin, IReadOnlyList<Measurement> run)
{
    Report.Print(run);
    if (output is not null)
    {
        Report.Write(output, origin, run);
    }

    if (pages is not null)
    {
        Pages.Write(pages, origin, run);
    }

    foreach (string document in quotes)
    {
        Quotes.Renew(document, run);
    }

    return baseline is null ? 0 : Gate(baseline, run);
}

int Gate(string file, IReadOnlyList<Measurement> run)
{
    if (isStored)
    {
        Baseline.Store(file, run);
    }

    (int passed, int failed) = Baseline.Check(file, run, isComplete: only is null);
    Console.WriteLine($"{passed} passed, {failed} failed");
    return failed == 0 ? 0 : 1;
}

IEnumerable<Measurement> Measure(Func<IEnumerable<Measurement>> run)
{
    IReadOnlyList<Measurement> measured = [.. run()];
    // A machine that changes its speed between a figure and its reference is measured again; what has become slower stays so.
    for (int again = 0; again < 2 && baseline is not null && !isStored && !Baseline.Holds(baseline, measured); again++)
    {
        measured = [.. run()];
    }

    return measured;
}

static string Artifact(string name) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../..", name));
