using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>The scheduler's counters of all CPUs, by the names that tools show.</summary>
public static unsafe class SchedulerCounters
{
    /// <summary>The names of all that are counted; those of times end in <c>_ns</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named(default).Keys, LoopAllocatedBytes, ReturnedToAssist];

    internal const string LoopAllocatedBytes = "loop_allocated_bytes";

    internal const string ReturnedToAssist = "returned_to_assist";

    internal static Dictionary<string, long> Sum(MappedMap<CpuState> cpus)
    {
        CpuState sum = default;
        ulong* total = (ulong*)&sum;
        for (int cpu = 0; cpu < cpus.Count; cpu++)
        {
            ulong* one = (ulong*)(cpus.Pointer + cpu);
            for (int i = 0; i < sizeof(CpuState) / sizeof(ulong); i++)
            {
                total[i] += one[i]; // the identifying members at the front give nonsense, and are not used
            }
        }
        return Named(sum);
    }

    /// <summary>The counters of one CPU, or of several that were summed up, by name.</summary>
    internal static Dictionary<string, long> Named(in CpuState sum) => new()
    {
        ["idle_local"] = (long)sum.NrIdleLocal,
        ["own"] = (long)sum.NrOwn,
        ["kernel"] = (long)sum.NrKernel,
        ["pinned"] = (long)sum.NrPinned,
        ["resumed"] = (long)sum.NrResumed,
        ["continued"] = (long)sum.NrContinued,
        ["latency"] = (long)sum.NrLatency,
        ["background"] = (long)sum.NrBackground,
        ["parked"] = (long)sum.NrParked,
        ["moved"] = (long)sum.NrMoved,
        ["moved_late"] = (long)sum.NrMovedLate,
        ["taken"] = (long)sum.NrTaken,
        ["gone"] = (long)sum.NrGone,
        ["unasked"] = (long)sum.NrUnasked,
        ["kernel_order"] = (long)sum.NrKernelOrder,
        ["aged"] = (long)sum.NrAged,
        ["set"] = (long)sum.NrSet,
        ["set_unusable"] = (long)sum.NrSetUnusable,
        ["llc_stolen"] = (long)sum.NrLlcStolen,
        ["llc_balanced"] = (long)sum.NrLlcBalanced,
        ["rcu_reader"] = (long)sum.NrRcuReader,
        ["throttled"] = (long)sum.NrThrottled,
        ["throttle_waived"] = (long)sum.NrThrottleWaived,
        ["throttled_ns"] = (long)sum.ThrottledNs,
        ["over_budget"] = (long)sum.NrOverBudget,
        ["ring_full"] = (long)sum.NrRingFull,
        ["autonomous"] = (long)sum.NrAutonomous,
        ["fallback"] = (long)sum.NrFallback,
        ["verdicts"] = (long)sum.NrVerdicts,
        ["refused_gone"] = (long)sum.NrRefusedGone,
        ["refused_stale"] = (long)sum.NrRefusedStale,
        ["refused_slice"] = (long)sum.NrRefusedSlice,
        ["refused_cpu"] = (long)sum.NrRefusedCpu,
        ["refused_left"] = (long)sum.NrRefusedLeft,
        ["preempted"] = (long)sum.NrPreempted,
        ["stolen"] = (long)sum.NrStolen,
        ["kept"] = (long)sum.NrKept,
        ["run_ns"] = (long)sum.RunNs,
        ["wait_ns"] = (long)sum.WaitNs,
        ["waits"] = (long)sum.NrWaits,
        ["born_background"] = (long)sum.ClassBirths[(int)SchedulingClass.Background],
        ["born_low"] = (long)sum.ClassBirths[(int)SchedulingClass.Low],
        ["born_normal"] = (long)sum.ClassBirths[(int)SchedulingClass.Normal],
        ["born_high"] = (long)sum.ClassBirths[(int)SchedulingClass.High],
        ["born_latency_critical"] = (long)sum.ClassBirths[(int)SchedulingClass.LatencyCritical],
    };
}
