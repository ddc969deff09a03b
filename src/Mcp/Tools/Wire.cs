using System.Globalization;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Mcp.Results;

namespace Coxswain.Mcp.Tools;

/// <summary>How values of the core look in results.</summary>
internal static class Wire
{
    /// <summary>UTC to the second, e.g. 2026-09-01T12:00:00Z.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Null when no class is set, or one that this program does not know.</summary>
    public static TaskClass? Class(SchedulingClass schedulingClass) =>
        schedulingClass is SchedulingClass.Unset or > SchedulingClass.LatencyCritical ? null : (TaskClass)schedulingClass;

    /// <summary>The name of a class as tools take and return it; empty when none is set.</summary>
    public static string ClassName(SchedulingClass schedulingClass) => schedulingClass switch
    {
        SchedulingClass.Background => "background",
        SchedulingClass.Low => "low",
        SchedulingClass.Normal => "normal",
        SchedulingClass.High => "high",
        SchedulingClass.LatencyCritical => "latency_critical",
        _ => "",
    };

    /// <summary>Null for 0: what is not set is left out.</summary>
    public static int? Positive(int value) => value > 0 ? value : null;

    /// <summary>A share, or a difference of shares, in percent with one decimal.</summary>
    /// <remarks>A difference that rounds to nothing is 0, whatever its sign: a reader that compares the text with what it has read would find -0 in one and 0 in the other.</remarks>
    public static double? Percent(double? share) => share is { } value ? Math.Round(100 * value, 1) + 0.0 : null;

    /// <summary>Null for an empty text.</summary>
    public static string? Text(string text) => text.Length > 0 ? text : null;

    /// <summary>Null for the policies under which threads usually run.</summary>
    public static string? Policy(int policy) => policy switch
    {
        1 => "fifo",
        2 => "rr",
        3 => "batch",
        5 => "idle",
        6 => "deadline",
        _ => null, // 0 other, 7 ext
    };

    /// <summary>The policies that <see cref="Policy"/> leaves out.</summary>
    public static string UsualPolicy(int policy) => policy == 7 ? "ext" : "other";

    /// <summary>What the state letter of /proc/PID/stat means; the letter itself where it is rare.</summary>
    public static string State(char letter) => letter switch
    {
        'R' => "runnable",
        'S' => "sleeping",
        'D' => "blocked",
        'I' => "idle",
        'T' or 't' => "stopped",
        _ => letter.ToString(),
    };

    /// <summary>Seconds until the first of what a directive sets ends; null when it sets nothing.</summary>
    public static int? FirstExpiry(TaskDirective directive)
    {
        int[] all = [directive.ClassExpiresInSeconds, directive.SliceExpiresInSeconds, directive.CpusExpiresInSeconds];
        var set = all.Where(seconds => seconds > 0).ToList();
        return set.Count > 0 ? set.Min() : null;
    }

    /// <summary>True for policies that the kernel serves before every sched_ext scheduler.</summary>
    public static bool IsRealTime(int policy) => policy is 1 or 2 or 6;
}
