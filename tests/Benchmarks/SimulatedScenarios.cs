using System.Diagnostics;
using System.Globalization;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;

namespace Coxswain.Benchmarks;

/// <summary>The dispatch loop on machines that nobody here has: CPUs and tasks are simulated, the loop and its policy are those that users get.</summary>
internal static class SimulatedScenarios
{
    public const string Waiting = "waiting_tasks";
    public const string MemoryPerTask = "memory_per_task";
    public const int LargestTasks = 100_000;
    private const int LargestCpus = 1024;
    private const int CpusPerLlc = 16;

    // More work than CPUs, so that tasks wait: 98 tasks per CPU that run for a sixtieth of their time.
    private const long RunNs = 1_000_000;
    private const long SleepNs = 60_000_000;
    private const long WarmUpNs = 50_000_000;
    private static readonly (int Cpus, int Tasks)[] s_machines = [(16, 1_600), (128, 12_500), (LargestCpus, LargestTasks)];

    /// <summary>The scenario of the largest machine.</summary>
    public static string Largest { get; } = Name(LargestCpus, LargestTasks);

    public static IEnumerable<Measurement> Run(bool isQuick)
    {
        int repetitions = isQuick ? 3 : 9;
        long periodNs = isQuick ? 20_000_000 : 50_000_000;
        foreach ((int cpus, int tasks) in s_machines)
        {
            yield return new Measurement(Name(cpus, tasks), $"coxswain_{PolicyNames.Deadline}", LoopScenarios.CostPerTask, "ns", CostsNs(cpus, tasks, periodNs, repetitions));
        }

        yield return new Measurement(Waiting, $"coxswain_{PolicyNames.Deadline}", MemoryPerTask, "bytes", [MemoryPerWaitingTask()]);
    }

    private static string Name(int cpus, int tasks) => string.Create(CultureInfo.InvariantCulture, $"simulated_{cpus}_cpus_{tasks}_tasks");

    private static double[] CostsNs(int cpus, int tasks, long periodNs, int repetitions)
    {
        using var kernel = new SimulatedKernel(new SimulationOptions { Cpus = cpus, Llcs = Math.Max(1, cpus / CpusPerLlc), NoticeCapacity = 1_000_000 });
        using var policy = new DeadlinePolicy(PolicyNames.Capacity);
        var port = new TimedPort(kernel.Port);
        using var loop = new DispatchLoop<TimedPort, DeadlinePolicy>(port, policy);
        long ticks = 0, read = 0;
        kernel.Connect(() =>
        {
            long started = Stopwatch.GetTimestamp();
            int notices = loop.RunOnce();
            ticks += Stopwatch.GetTimestamp() - started;
            read += notices;
            return notices;
        });
        for (int i = 0; i < tasks; i++)
        {
            kernel.Spawn(new TaskSpec { Behaviour = Behaviours.RunAndSleep(RunNs, SleepNs) });
        }

        kernel.Advance(WarmUpNs);
        double[] costs = new double[repetitions];
        for (int i = 0; i < repetitions; i++)
        {
            (ticks, read, port.KernelTicks) = (0, 0, 0);
            kernel.Advance(periodNs);
            if (read == 0)
            {
                throw new InvalidOperationException($"{tasks} tasks on {cpus} CPUs: user space was not asked in {periodNs} ns");
            }

            costs[i] = (ticks - port.KernelTicks) * 1e9 / Stopwatch.Frequency / read;
        }

        kernel.Disconnect();
        return costs;
    }

    // Read off the process, not computed: all that a loop with room for so many holds is touched when it is made.
    private static double MemoryPerWaitingTask()
    {
        const int Capacity = 500_000;
        using var port = new MemoryPort(1);
        long before = Environment.WorkingSet;
        using var policy = new DeadlinePolicy(Capacity);
        using var loop = new DispatchLoop<MemoryPort, DeadlinePolicy>(port, policy, Capacity);
        return (double)(Environment.WorkingSet - before) / Capacity;
    }

    /// <summary>The simulated kernel's own work, which a real kernel does in BPF, is timed apart.</summary>
    private sealed unsafe class TimedPort(SimulatedPort port) : IKernelPort
    {
        public long KernelTicks { get; set; }

        public Verdict* Verdicts => port.Verdicts;

        public int VerdictCapacity => port.VerdictCapacity;

        public Notice* NextNotice() => port.NextNotice();

        public void EndRead(ulong startedNs) => port.EndRead(startedNs);

        public void Refresh(ref DispatchContext context) => port.Refresh(ref context);

        public void Apply(int count)
        {
            long started = Stopwatch.GetTimestamp();
            port.Apply(count);
            KernelTicks += Stopwatch.GetTimestamp() - started;
        }
    }
}
