using System.Diagnostics;
using System.Globalization;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Benchmarks;

/// <summary>How long it takes to find the threads of all pods of a large node, on a made-up /proc in memory.</summary>
internal static class ScanScenarios
{
    private const int Pods = 1000;
    private const int ThreadsPerPod = 20;

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        string root = Directory.CreateTempSubdirectory("coxswain-scan-").FullName;
        try
        {
            var known = Enumerable.Range(1, Pods).Select(pod => Make(root, pod)).ToList();
            double[] samples = [.. Enumerable.Range(0, isQuick ? 3 : 9).Select(_ => Scan(root, known))];
            return [new Measurement($"scan_{Pods}_pods_{Pods * ThreadsPerPod}_threads", "none", "first_scan", "ms", samples)];
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static double Scan(string root, IReadOnlyList<PodInfo> known)
    {
        long started = Stopwatch.GetTimestamp();
        // Made anew each time: nothing is known at the first scan.
        var registry = new PodRegistry(new Source(known), TimeProvider.System);
        registry.Refresh();
        int found = new ProcTaskSource(root).ReadAll(TaskDetails.Cgroup).Tasks.Count(task => registry.PodOf(task) is { IsDescribed: true });
        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return found == Pods * ThreadsPerPod ? milliseconds : throw new InvalidOperationException($"{found} threads were found");
    }

    private static PodInfo Make(string root, int number)
    {
        string uid = $"00000000-0000-4000-8000-{number:d12}";
        string container = number.ToString("x64", CultureInfo.InvariantCulture);
        int pid = number * 100;
        for (int tid = pid; tid < pid + ThreadsPerPod; tid++)
        {
            string directory = Directory.CreateDirectory($"{root}/{pid}/task/{tid}").FullName;
            File.WriteAllText(
                $"{directory}/stat",
                $"{tid} (server) S 7 1 1 0 -1 0 10 0 0 0 3 2 0 0 20 0 {ThreadsPerPod} 0 100 1000000 100 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
            File.WriteAllText($"{directory}/cgroup", $"0::/kubepods/burstable/pod{uid}/{container}\n");
        }

        return new PodInfo { Uid = uid, Namespace = "production", Name = $"server-{number}", ContainerIds = [container] };
    }

    private sealed class Source(IReadOnlyList<PodInfo> pods) : IPodSource
    {
        public PodReading Read() => new(pods, "");
    }
}
