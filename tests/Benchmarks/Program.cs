using Coxswain.Benchmarks;
using Coxswain.Benchmarks.Transport;

const string Usage =
    """
    usage: Coxswain.Benchmarks [--quick] [--output FILE] [--baseline FILE [--store]]

      --quick           fewer and shorter samples: half a minute instead of several
      --output FILE     writes the results there, as docs/testing.md describes them
      --baseline FILE   compares ratios and allocated bytes with the stored ones; exit code 1 if one is too large
      --store           makes this run the stored baseline
    The transport's figures need root, as they load BPF programs; without it they are left out, which is said.
    """;

bool isQuick = false;
bool isStored = false;
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

List<Measurement> results = [.. LoopScenarios.Run(isQuick)];
results.AddRange(ScanScenarios.Run(isQuick));
results.AddRange(TransportScenarios.Run(Path.Combine(AppContext.BaseDirectory, "transport.bpf.o"), isQuick ? 500 : 5000));
Report.Print(results);
if (output is not null)
{
    Report.Write(output, results);
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
