using System.Text.RegularExpressions;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>What the guest's kernel has said.</summary>
public sealed partial class KernelLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    /// <summary>Number of lines until now: a place to read on from.</summary>
    public int Position
    {
        get
        {
            lock (_lock)
            {
                return _lines.Count;
            }
        }
    }

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
        }
    }

    public IReadOnlyList<string> From(int position)
    {
        lock (_lock)
        {
            return [.. _lines.Skip(position)];
        }
    }

    /// <summary>
    /// Lines that no test may cause: stalls, lock-ups, warnings, oopses, and our scheduler ended by anything but ourselves.
    /// </summary>
    /// <param name="position">Where to begin.</param>
    /// <param name="own">Warnings of which the kernel itself is the cause: parts of their first lines.</param>
    public IReadOnlyList<string> OffencesFrom(int position, IReadOnlyList<string> own)
    {
        List<string> offences = [];
        bool inOwn = false;
        foreach (string line in From(position).Where(IsOffence))
        {
            if (line.Contains("WARNING", StringComparison.Ordinal))
            {
                inOwn = own.Any(part => line.Contains(part, StringComparison.Ordinal));
            }

            // The trace belongs to the warning before it.
            if (!inOwn || !IsOfWarning(line))
            {
                offences.Add(line);
            }
        }

        return offences;
    }

    private static bool IsOfWarning(string line) =>
        line.Contains("WARNING", StringComparison.Ordinal) || line.Contains("Call Trace", StringComparison.Ordinal);

    private static bool IsOffence(string line) =>
        Trouble().IsMatch(line) || (EndOfScheduler().IsMatch(line) && !line.Contains("unregistered from user space", StringComparison.Ordinal));

    [GeneratedRegex(@"\bstall|\bBUG\b|WARNING|\bOops\b|lockup|Call Trace|blocked for more than|failed to run for|use-after-free|scheduling while atomic|\bpanic\b", RegexOptions.IgnoreCase)]
    private static partial Regex Trouble();

    [GeneratedRegex(@"sched_ext: .*(\bdisabled \(|\berror\b|\bbypass)")]
    private static partial Regex EndOfScheduler();
}
