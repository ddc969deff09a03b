using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Coxswain.Guest.Demo;

/// <summary>What the demo found; the first four properties of it and of its runs are a contract (artifacts/demo.json).</summary>
internal sealed record DemoResult
{
    public required string Kernel { get; init; }

    public required int Cpus { get; init; }

    public required IReadOnlyList<DemoRun> Runs { get; init; }

    /// <summary>Where chain and hogs ran: <c>pods</c> or <c>cgroups</c>.</summary>
    public required string Workload { get; init; }

    /// <summary>The runtime of the pods, or the cgroup.</summary>
    public required string WorkloadIn { get; init; }

    /// <summary>How the agent named the chain: the arguments that select it.</summary>
    public required JsonObject Selection { get; init; }

    public required int Hogs { get; init; }

    public required int PeriodUs { get; init; }

    /// <summary>Of <c>coxswain_intent</c> compared with <c>eevdf</c>.</summary>
    public required Expectation Expectation { get; init; }
}

/// <summary>One measurement.</summary>
internal sealed record DemoRun
{
    public const string Eevdf = "eevdf";
    public const string Coxswain = "coxswain";
    public const string Intent = "coxswain_intent";
    public const string Reverted = "coxswain_reverted";

    public required string Scheduler { get; init; }

    /// <summary>From the sending of a packet to its answer.</summary>
    public required Distribution RoundTripUs { get; init; }

    /// <summary>From the time at which the packet should have been sent, so with what earlier answers held up.</summary>
    public required Distribution FromScheduleUs { get; init; }

    public required int Samples { get; init; }

    /// <summary>Packets without an answer in time; they are in the figures with the whole timeout.</summary>
    public required int Lost { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Units of work per second, all hogs together.</summary>
    public required double HogThroughput { get; init; }

    /// <summary>Share of all CPU time that the hogs got. Unlike their throughput it does not depend on how fast the machine is at the time.</summary>
    public required double HogCpuShare { get; init; }

    public double P99RatioToEevdf { get; init; } = 1;

    public double HogRatioToEevdf { get; init; } = 1;
}

/// <summary>What the product promises for the demo, and what was measured.</summary>
internal sealed record Expectation
{
    public double P99RatioAtMost { get; init; } = 1.0 / 3;

    public double HogRatioAtLeast { get; init; } = 0.9;

    public required double P99Ratio { get; init; }

    public required double HogRatio { get; init; }

    public bool Holds => P99Ratio <= P99RatioAtMost && HogRatio >= HogRatioAtLeast;
}

/// <summary>Exact percentiles of one window.</summary>
internal sealed record Distribution(double Min, double P50, double P90, double P99, double P999, double Max, double Mean);

/// <summary>One line of <c>cox-chain client</c>.</summary>
internal sealed record ChainWindow(int Samples, int Lost, int LateAnswers, int Hops, double Seconds, Distribution RoundTripUs, Distribution FromScheduleUs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DemoResult))]
[JsonSerializable(typeof(ChainWindow))]
internal sealed partial class DemoJson : JsonSerializerContext;
