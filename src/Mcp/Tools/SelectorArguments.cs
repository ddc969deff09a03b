using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Tools;

/// <summary>The two ways in which tools that change something name threads.</summary>
internal static class SelectorArguments
{
    public const string Pids = "Process or thread ids, e.g. [4242]. A process id covers all its threads; another thread's id just that thread. Use either pids or command.";

    public const string Command =
        "Regex over the names of processes and threads, case-sensitive, unanchored, e.g. \"^(amf|smf|upf)$\". " +
        "All threads of a process that matches are covered, also ones that start later. Use either pids or command.";

    public const string TtlSeconds = "Lifetime; the change ends by itself after it.";

    public const string Reason = "Why, for whoever reviews the changes.";

    /// <summary>Reads them.</summary>
    /// <exception cref="ToolRefusedException">Not exactly one is given.</exception>
    public static Selector Read(int[]? pids, string? command) => (pids, command) switch
    {
        ({ } ids, null) => Selector.OfPids(ids),
        (null, { } regex) => Selector.OfCommand(regex),
        (null, null) => throw new ToolRefusedException(
            "no task is named: give either pids (e.g. [4242]) or command (a regex, e.g. \"^nginx\"); list_tasks shows both"),
        _ => throw new ToolRefusedException("pids and command cannot be combined: give one of them"),
    };
}
