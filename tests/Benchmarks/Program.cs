using Coxswain.Benchmarks;
using Coxswain.Benchmarks.Mcp;
using Coxswain.Benchmarks.Transport;

const string Usage =
    """
    usage: Coxswain.Benchmarks [--quick] [--only SCENARIOS] [--samples FILE [--only-samples]] [--output FILE] [--pages DIRECTORY] [--baseline FILE [--store]]

      --quick           fewer and shorter samples: a minute and a half instead of many
      --only SCENARIOS  loops, simulated, node, mcp, observer or transport, and nothing else
      --samples FILE    what `coxswain-guest bench` printed: becomes part of the results
      --only-samples    nothing is measured here
      --pages DIRECTORY writes benchmarks.md there, and its pictures
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
string? pages = null;
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
        case "--pages" when i + 1 < args.Length:
            pages = args[++i];
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

GuestSamples? guest = samples is null ? null : GuestSamples.Read(samples);
List<Measurement> results = [.. guest?.Measurements ?? []];
if (!isSamplesOnly)
{
    (string Name, Func<IEnumerable<Measurement>> Run)[] scenarios =
    [
        ("loops", MeasureLoops),
        ("simulated", () => SimulatedScenarios.Run(isQuick)),
        ("node", () => NodeScenarios.Run(isQuick)),
        ("mcp", () => McpScenarios.Run(Artifact("bin/coxswain"), Artifact("workloads/cox-calls"), isQuick)),
        ("observer", () => ObserverScenarios.Run(isQuick)),
        ("transport", () => TransportScenarios.Run(Path.Combine(AppContext.BaseDirectory, "transport.bpf.o"), isQuick ? 500 : 5000)),
    ];
    if (only is not null && scenarios.All(scenario => scenario.Name != only))
    {
        Console.Error.WriteLine($"--only {only}: no such scenarios; there are {string.Join(", ", scenarios.Select(scenario => scenario.Name))}");
        return 2;
    }

    results.AddRange(scenarios.Where(scenario => only is null || scenario.Name == only).SelectMany(scenario => scenario.Run()));
}
Report.Print(results);
var origin = Origin.Of(guest);
if (output is not null)
{
    Report.Write(output, origin, results);
}
if (pages is not null)
{
    Pages.Write(pages, origin, results);
}
if (baseline is null)
{
    return 0;
}
if (isStored)
{
    Baseline.Store(baseline, results);
}
(int passed, int failed) = Baseline.Check(baseline, results);
Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;

List<Measurement> MeasureLoops()
{
    List<Measurement> loops = [.. LoopScenarios.Run(isQuick)];
    // A machine that changes its speed between loop and reference is measured again; a loop that has become slower stays so.
    for (int again = 0; again < 2 && baseline is not null && !isStored && !Baseline.Holds(baseline, loops); again++)
    {
        loops = [.. LoopScenarios.Run(isQuick)];
    }
    return loops;
}

static string Artifact(string name) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../..", name));
