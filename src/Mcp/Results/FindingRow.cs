using System.ComponentModel;
using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Results;

/// <summary>Why a guard took a change back.</summary>
internal sealed record FindingRow
{
    [Description("condition: the change's own guard; bystanders: workloads that no change touches; ejected: the kernel ended the scheduler.")]
    public required string Trigger { get; init; }

    public required string Text { get; init; }

    public string? Metric { get; init; }

    public string? Workload { get; init; }

    public double? BeforeUs { get; init; }

    public double? MeasuredUs { get; init; }

    [Description("What would have been accepted.")]
    public double? LimitUs { get; init; }

    [Description("Seconds that decided.")]
    public int? Seconds { get; init; }

    [Description("Waits in these.")]
    public long? Samples { get; init; }

    public static FindingRow? Of(GuardFinding? finding) => finding is null ? null : new FindingRow
    {
        Trigger = NameOf(finding.Trigger),
        Text = finding.Text,
        Metric = finding.Metric.Length > 0 ? finding.Metric : null,
        Workload = finding.Workload.Length > 0 ? finding.Workload : null,
        BeforeUs = Rounded(finding.BeforeUs),
        MeasuredUs = Rounded(finding.MeasuredUs),
        LimitUs = Rounded(finding.LimitUs),
        Seconds = finding.Seconds > 0 ? finding.Seconds : null,
        Samples = finding.Seconds > 0 ? finding.Samples : null,
    };

    /// <summary>The name of a trigger, as results and records have it.</summary>
    public static string NameOf(GuardTrigger trigger) => trigger switch
    {
        GuardTrigger.Condition => "condition",
        GuardTrigger.Bystanders => "bystanders",
        _ => "ejected",
    };

    private static double? Rounded(double? us) => us is { } value ? Math.Round(value, 1) : null;
}
