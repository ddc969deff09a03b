namespace Coxswain.Guest.Bench;

/// <summary>All that can be measured, and under what.</summary>
internal static class Catalogue
{
    private const ulong ShortestFairSliceNs = 100_000;

    /// <param name="isQuick">Only those that the product is judged by.</param>
    public static IReadOnlyList<Contender> Contenders(bool isQuick)
    {
        Contender[] quick =
        [
            new EevdfContender("eevdf"),
            new EevdfContender("eevdf_fifo", ForTheUrgent(HandTuning.SetFifo)),
            new CoxswainContender("kernel", grantsWishes: false),
            new CoxswainContender("assist", grantsWishes: false),
            new CoxswainContender("assist", grantsWishes: true),
        ];
        return isQuick ? quick :
        [
            .. quick,
            new EevdfContender("eevdf_nice", wish => SetNice(wish)),
            new EevdfContender("eevdf_slice", ForTheUrgent(tid => HandTuning.SetFairSlice(tid, ShortestFairSliceNs))),
            new EevdfContender("eevdf_weight", CpuWeight.Grant),
            new CoxswainContender("kernel", grantsWishes: true),
            new CoxswainContender("strict", grantsWishes: false),
            new CoxswainContender("strict", grantsWishes: true),
            new CoreContender("assist", grantsWishes: false),
            new CoreContender("assist", grantsWishes: true),
            new CoreContender("strict", grantsWishes: false),
        ];
    }

    /// <param name="isQuick">Only those that the product is judged by.</param>
    public static IReadOnlyList<Scenario> Scenarios(bool isQuick)
    {
        Scenario[] quick =
        [
            new("chain", ChainWorkload.StartAsync),
            new("hackbench", _ => Task.FromResult<Workload>(new HackbenchWorkload())) { HasNoWishes = true },
            new("pipe", options => Task.FromResult<Workload>(new PipeWorkload(options))) { HasNoWishes = true },
        ];
        return isQuick ? quick :
        [
            .. quick,
            new("wake_load_1", options => WakeWorkload.StartAsync(options, hogsPerCpu: 1)),
            new("wake_load_2", options => WakeWorkload.StartAsync(options, hogsPerCpu: 2)),
            new("wake_load_4", options => WakeWorkload.StartAsync(options, hogsPerCpu: 4)),
            new("build", BuildWorkload.StartAsync),
            new("mixed", MixedWorkload.StartAsync),
            new("fair_equal", options => FairWorkload.StartAsync(options, lowerNice: 0)) { HasNoWishes = true },
            new("fair_nice_5", options => FairWorkload.StartAsync(options, lowerNice: 5)) { HasNoWishes = true },
            new("reaction", ReactionWorkload.StartAsync) { NeedsAgent = true, HasNoWishes = true },
            new("stopped", StoppedWorkload.StartAsync) { NeedsAgent = true, CountsStalls = true },
            new("garbage", GarbageWorkload.StartAsync) { NeedsCore = true },
            new("steps", _ => Task.FromResult<Workload>(new StepsWorkload())) { NeedsCore = true, HasNoWishes = true },
            new("calls", CallsWorkload.StartAsync) { NeedsAgent = true },
            new("scale_100", options => ScaleWorkload.StartAsync(options, tasks: 100)) { HasNoWishes = true },
            new("scale_1000", options => ScaleWorkload.StartAsync(options, tasks: 1000)) { HasNoWishes = true },
            new("scale_20000", options => ScaleWorkload.StartAsync(options, tasks: 20_000)) { HasNoWishes = true },
            new("cyclictest", CyclictestWorkload.StartAsync) { HasNoWishes = true, Tool = "cyclictest" },
            Others("stress_cpu", "stress-ng", ToolWorkload.StressCpuAsync),
            Others("stress_switch", "stress-ng", ToolWorkload.StressSwitchAsync),
            Others("sysbench_cpu", "sysbench", ToolWorkload.SysbenchCpuAsync),
            Others("sysbench_threads", "sysbench", ToolWorkload.SysbenchThreadsAsync),
            Others("perf_pipe", "perf", ToolWorkload.PerfPipeAsync),
            Others("perf_messaging", "perf", ToolWorkload.PerfMessagingAsync),
        ];
    }

    private static Scenario Others(string name, string tool, Func<int, Task<IReadOnlyList<Sample>>> run) =>
        new(name, options => Task.FromResult<Workload>(new ToolWorkload(options, run))) { HasNoWishes = true, Tool = tool };

    private static Action<Wish> ForTheUrgent(Action<int> change) => wish =>
    {
        foreach (int tid in wish.Class == Wish.LatencyCritical ? wish.Threads() : [])
        {
            change(tid);
        }
    };

    private static void SetNice(Wish wish)
    {
        foreach (int tid in wish.Threads())
        {
            HandTuning.SetNice(tid, wish.Class switch { Wish.LatencyCritical => -20, Wish.High => -10, _ => 19 });
        }
    }
}
