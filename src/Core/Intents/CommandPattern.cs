using System.Text.RegularExpressions;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>A regex over the names of threads and processes, or over programs or command lines, that takes time linear in the name, whatever it says. Thread-safe.</summary>
public sealed class CommandPattern
{
    private static readonly TimeSpan s_perName = TimeSpan.FromMilliseconds(50);
    private static readonly (string Prefix, TaskDetails Details)[] s_prefixes = [("exe:", TaskDetails.Executable), ("cmdline:", TaskDetails.CommandLine)];
    private readonly Regex _regex;

    private CommandPattern(Regex regex, TaskDetails details) => (_regex, Details) = (regex, details);

    /// <summary>What must have been read of a thread to match it.</summary>
    public TaskDetails Details { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">1 to <see cref="IntentLimits.MaxCommandLength"/> characters, case-sensitive, not anchored. "exe:" before it
    /// matches the path of the program instead of names, "cmdline:" the command line.</param>
    /// <param name="problem">What is wrong with it, when the result is null.</param>
    /// <returns>The pattern; null when it is not usable.</returns>
    public static CommandPattern? TryCreate(string pattern, out string problem)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        problem = "";
        if (pattern.Length is 0 or > IntentLimits.MaxCommandLength)
        {
            problem = $"command must be a regex of 1 to {IntentLimits.MaxCommandLength} characters, e.g. \"^nginx\"";
            return null;
        }

        var (prefix, details) = s_prefixes.FirstOrDefault(known => pattern.StartsWith(known.Prefix, StringComparison.Ordinal));
        if (prefix?.Length == pattern.Length)
        {
            problem = $"command has no regex behind \"{prefix}\", e.g. \"{prefix}/nginx\"";
            return null;
        }

        try
        {
            // NonBacktracking refuses what could take exponential time instead of running it.
            return new CommandPattern(new Regex(pattern[(prefix?.Length ?? 0)..], RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_perName), details);
        }
        catch (ArgumentException e)
        {
            problem = $"command is not a valid regex: {CommandText.Clean(e.Message, 300).TrimEnd('.')}";
        }
        catch (NotSupportedException)
        {
            problem = "command uses a regex feature that is not available here (lookahead, lookbehind, backreferences, atomic groups, " +
                "very large repetitions); a plain one such as \"^(nginx|envoy)\" works";
        }

        return null;
    }

    /// <summary>Tells whether the thread's own name or that of its process matches, or its program or command line where these are meant.</summary>
    public bool Matches(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Details switch
        {
            TaskDetails.Executable => task.Executable.Length > 0 && Matches(task.Executable),
            TaskDetails.CommandLine => task.CommandLine.Length > 0 && Matches(task.CommandLine),
            _ => MatchesName(task),
        };
    }

    private bool MatchesName(TaskInfo task) => Matches(task.ProcessCommand) ||
        (!string.Equals(task.Command, task.ProcessCommand, StringComparison.Ordinal) && Matches(task.Command));

    // A name takes microseconds, the longest command line less than a millisecond; whatever exceeds the limit does not count as matched.
    private bool Matches(string name)
    {
        try
        {
            return _regex.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
