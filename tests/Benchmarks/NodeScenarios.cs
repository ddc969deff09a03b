using System.Diagnostics;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Cri;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Benchmarks;

/// <summary>What a large node costs: 1,000 pods with 20,000 threads, by the ways that the server takes, on files and answers that are made up.</summary>
internal static class NodeScenarios
{
    public const string Scenario = "node_1000_pods_20000_threads";
    public const string FirstScan = "first_scan";
    public const string Apply = "apply_to_400_pods";
    public const string LookAgain = "look_again";
    public const string Reading = "reading_the_files";

    private const string AllocatedByScan = "allocated_by_first_scan";
    private const string AllocatedByApply = "allocated_by_apply";
    private const string AllocatedByLook = "allocated_by_look_again";

    // IntentService looks again after 10 s, or a hundred times what a look took.
    private const double RepairIntervalMs = 10_000;
    private const double RepairShare = 100;

    /// <summary>Bytes, with those that the made-up runtime allocates for its answers.</summary>
    public static IReadOnlyList<string> AllocatedMetrics { get; } = [AllocatedByScan, AllocatedByApply, AllocatedByLook];

    public static IEnumerable<Measurement> Run(bool isQuick) => RunAsync(isQuick ? 5 : 15).GetAwaiter().GetResult();

    private static async Task<IReadOnlyList<Measurement>> RunAsync(int repetitions)
    {
        await using MadeUpNode node = await MadeUpNode.StartAsync().ConfigureAwait(false);
        double[] reading = new double[repetitions], scan = new double[repetitions], wall = new double[repetitions], apply = new double[repetitions],
            look = new double[repetitions], share = new double[repetitions], scanBytes = new double[repetitions], applyBytes = new double[repetitions],
            lookBytes = new double[repetitions];
        // Before what is measured: the files are in the page cache and the code is compiled, as in a server that runs.
        _ = Read(node);
        Scan(node);
        for (int i = 0; i < repetitions; i++)
        {
            reading[i] = Costs(() => _ = Read(node)).CpuMs;
            wall[i] = WallMs(() => (scan[i], scanBytes[i]) = Costs(() => Scan(node)));
            ((apply[i], applyBytes[i]), (look[i], lookBytes[i])) = ApplyAndLook(node);
            share[i] = 100 * look[i] / Math.Max(RepairIntervalMs, RepairShare * look[i]);
        }

        return
        [
            new Measurement(Scenario, "none", Reading, "ms", reading),
            new Measurement(Scenario, "none", FirstScan, "ms", scan),
            new Measurement(Scenario, "none", "first_scan_elapsed", "ms", wall),
            new Measurement(Scenario, "none", Apply, "ms", apply),
            new Measurement(Scenario, "none", LookAgain, "ms", look),
            new Measurement(Scenario, "none", "cpu_share_of_looking", "pct", share),
            new Measurement(Scenario, "none", AllocatedByScan, "bytes", scanBytes),
            new Measurement(Scenario, "none", AllocatedByApply, "bytes", applyBytes),
            new Measurement(Scenario, "none", AllocatedByLook, "bytes", lookBytes),
        ];
    }

    // The least that anybody could do: open, read and close each file.
    private static int Read(MadeUpNode node)
    {
        int length = 0;
        Span<byte> buffer = stackalloc byte[1024];
        foreach (string path in node.Files())
        {
            using var file = File.OpenHandle(path);
            length += RandomAccess.Read(file, buffer, 0);
        }

        return length;
    }

    private static void Scan(MadeUpNode node)
    {
        // Made anew each time: nothing is known at the first scan.
        using var source = new CriPodSource([node.RuntimeSocket]);
        var registry = new PodRegistry(source, TimeProvider.System);
        registry.Refresh();
        int found = new ProcTaskSource(node.Root).ReadAll(TaskDetails.Cgroup).Tasks.Count(task => registry.PodOf(task) is { IsDescribed: true });
        Require(found, MadeUpNode.Threads, "threads of pods");
    }

    private static ((double CpuMs, double Bytes) Apply, (double CpuMs, double Bytes) Look) ApplyAndLook(MadeUpNode node)
    {
        using var source = new CriPodSource([node.RuntimeSocket]);
        var scheduler = new MemoryScheduler();
        var tasks = new ProcTaskSource(node.Root);
        using var intents = new IntentService(
            scheduler, tasks, new ProtectedTasks(Environment.ProcessId), TimeProvider.System, pods: new PodRegistry(source, TimeProvider.System))
        {
            Limits = OperatorLimits.Default with { ConfirmAboveTasks = MadeUpNode.Threads, ConfirmAbovePods = MadeUpNode.Pods },
        };
        (double CpuMs, double Bytes) apply = Costs(() => intents.Apply(new IntentRequest
        {
            Selector = new Selector { Labels = MadeUpNode.Label },
            Effect = IntentEffect.OfClass(SchedulingClass.High),
        }));
        Require(scheduler.TaskCount, MadeUpNode.LabelledPods * MadeUpNode.ThreadsPerPod, "directed threads");
        Require(scheduler.CgroupCount, MadeUpNode.LabelledPods, "directed cgroups");
        (double CpuMs, double Bytes) look = Costs(intents.Refresh);
        Require(scheduler.TaskCount, MadeUpNode.LabelledPods * MadeUpNode.ThreadsPerPod, "directed threads after a look");
        intents.RevertAll();
        Require(scheduler.TaskCount + scheduler.CgroupCount, 0, "directives after a revert");
        return (apply, look);
    }

    private static void Require(int found, int wanted, string what)
    {
        if (found != wanted)
        {
            throw new InvalidOperationException($"{found} {what} where {wanted} should be");
        }
    }

    // Of the whole process, with the runtime that is made up: what others run on the machine meanwhile hardly counts.
    private static (double CpuMs, double Bytes) Costs(Action action)
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan started = Environment.CpuUsage.TotalTime;
        action();
        TimeSpan used = Environment.CpuUsage.TotalTime - started;
        return (used.TotalMilliseconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    private static double WallMs(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
