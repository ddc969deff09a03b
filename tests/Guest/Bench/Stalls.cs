using System.Text.RegularExpressions;

namespace Coxswain.Guest.Bench;

/// <summary>What in a kernel's log tells that somebody was not served.</summary>
internal static partial class Stalls
{
    /// <summary>How many stalls these lines tell of.</summary>
    /// <param name="log">Lines of the kernel's log, with or without what is before the message.</param>
    public static int In(IEnumerable<string> log) => log.Count(line => EndOfScheduler().IsMatch(line) || Trouble().IsMatch(line));

    // Whose task waited for how long is in a line after this one, and is the same stall.
    [GeneratedRegex(@"sched_ext: .*\bdisabled \((?!unregistered from user space)")]
    private static partial Regex EndOfScheduler();

    // One line of each report: those that follow say more of the same.
    [GeneratedRegex(@"soft lockup - CPU|hard LOCKUP on cpu|workqueue lockup|rcu: INFO: .*\bstalls? on\b|blocked for more than")]
    private static partial Regex Trouble();
}
