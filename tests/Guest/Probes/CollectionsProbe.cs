using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Coxswain.Guest.Probes;

/// <summary>
/// The garbage of a server that answers calls, under whatever settings the runtime was started with: what its collections
/// cost in pauses and in memory. Needs no kernel of any kind.
/// </summary>
internal static class CollectionsProbe
{
    private const string Usage =
        """
        usage: coxswain-guest collections [--calls N] [--kept-kb N]

        Does the work of N tool calls (20,000 by default), 16 KB of small objects each, of which 1 KB stays until as much
        as --kept-kb (20,000 by default) has come after it. build/gc.sh compares settings with it.
        """;

    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return Task.FromResult(ExitCode.Worked);
        }

        var options = new Options(arguments);
        int calls = options.Number("--calls", 20_000, 1, 10_000_000);
        object[] kept = new object[options.Number("--kept-kb", 20_000, 1, 10_000_000)];
        options.End();
        var elapsed = Stopwatch.StartNew();
        double longestMs = 0;
        int collections = 0;
        for (int call = 0; call < calls; call++)
        {
            kept[call % kept.Length] = Answer(call);
            if (GC.CollectionCount(0) == collections)
            {
                continue;
            }

            collections = GC.CollectionCount(0);
            foreach (TimeSpan pause in GC.GetGCMemoryInfo(GCKind.Any).PauseDurations)
            {
                longestMs = Math.Max(longestMs, pause.TotalMilliseconds);
            }
        }

        GC.KeepAlive(kept);
        ProbeJson.Print(json =>
        {
            json.WriteNumber("seconds", Math.Round(elapsed.Elapsed.TotalSeconds, 2));
            json.WriteNumber("collections", GC.CollectionCount(0));
            json.WriteNumber("full_collections", GC.CollectionCount(2));
            json.WriteNumber("paused_ms", Math.Round(GC.GetTotalPauseDuration().TotalMilliseconds, 1));
            json.WriteNumber("longest_pause_ms", Math.Round(longestMs, 2));
            json.WriteNumber("rss_mb", Math.Round(StatusKib("VmRSS") / 1024.0, 1));
            json.WriteNumber("rss_peak_mb", Math.Round(StatusKib("VmHWM") / 1024.0, 1));
        });
        return Task.FromResult(ExitCode.Worked);
    }

    /// <summary>1 KB of an answer, after 15 KB of what is made on the way to it: strings, boxes, a document.</summary>
    private static byte[] Answer(int call)
    {
        byte[] answer = new byte[1000];
        for (int i = 0; i < 40; i++)
        {
            string row = string.Create(CultureInfo.InvariantCulture, $"{{\"pid\":{call + i},\"comm\":\"task-{i}\",\"wait_us\":{i * 31.5}}}");
            using JsonDocument document = JsonDocument.Parse(row);
            answer[i] = (byte)(document.RootElement.GetProperty("comm").GetString()!.Length + row.Length);
        }

        return answer;
    }

    private static long StatusKib(string name) => long.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
