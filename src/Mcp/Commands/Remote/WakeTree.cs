using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary>A chain of find_dependencies as a tree: each process below the one that wakes it most.</summary>
internal static class WakeTree
{
    /// <summary>Puts a chain in order.</summary>
    /// <returns>Each process once, behind the one that it is below, and how deep it is. A circle begins with the one told first.</returns>
    public static IReadOnlyList<(JsonElement Process, int Depth)> Of(IReadOnlyList<JsonElement> chain)
    {
        var (ordered, told) = (new List<(JsonElement, int)>(), new HashSet<int>());
        var known = chain.Select(Pid).ToHashSet();
        foreach (var process in chain.Where(process => Waker(process) is not { } waker || !known.Contains(waker)).Concat(chain))
        {
            Add(process, depth: 0);
        }

        return ordered;

        void Add(JsonElement process, int depth)
        {
            if (!told.Add(Pid(process)))
            {
                return;
            }

            ordered.Add((process, depth));
            foreach (var next in chain.Where(next => Waker(next) == Pid(process)))
            {
                Add(next, depth + 1);
            }
        }
    }

    /// <summary>Id of a process.</summary>
    public static int Pid(JsonElement process) => process.GetProperty("pid").GetInt32();

    /// <summary>Id of the process that wakes it most; null: none of the chain.</summary>
    public static int? Waker(JsonElement process) => process.TryGetProperty("woken_by_pid", out var waker) ? waker.GetInt32() : null;
}
