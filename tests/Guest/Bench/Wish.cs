namespace Coxswain.Guest.Bench;

/// <summary>What an operator would ask for: processes, and the class that they should be in.</summary>
/// <param name="Pids">Processes; all their threads are meant.</param>
/// <param name="Class">A class of Coxswain. Other schedulers come as near to it as their means allow.</param>
internal sealed record Wish(IReadOnlyList<int> Pids, string Class)
{
    public const string LatencyCritical = "latency_critical";
    public const string High = "high";
    public const string Background = "background";

    /// <summary>The cgroup that they, and nobody else, are in, below the mount, as a pod's are: what is asked for is asked for it. Empty: they share one with others.</summary>
    public string Cgroup { get; init; } = "";

    /// <summary>All threads of the processes, as they are now.</summary>
    public IEnumerable<int> Threads() =>
        Pids.SelectMany(pid => Directory.EnumerateDirectories($"/proc/{pid}/task")).Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture));
}
