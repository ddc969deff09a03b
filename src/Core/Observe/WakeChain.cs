namespace Coxswain.Core.Observe;

/// <summary>One process of a chain of wake-ups.</summary>
/// <param name="Leader">One of its threads: the one that was woken most often.</param>
/// <param name="IsTarget">It was asked about.</param>
/// <param name="Wakeups">How often its threads were woken by processes of the chain.</param>
/// <param name="WaitNs">How long they then waited for a CPU.</param>
/// <param name="WokenBy">The process of the chain that woke it most; 0: none.</param>
public sealed record ChainProcess(ObservedTask Leader, bool IsTarget, long Wakeups, long WaitNs, int WokenBy)
{
    /// <summary>Id of the process.</summary>
    public int ProcessId => Leader.ProcessId;
}

/// <summary>Reduces who wakes whom to the processes that a request goes through.</summary>
/// <remarks>
/// Processes are the nodes; kernel threads and interrupts lead nowhere. From the processes asked about, what one wakes and what wakes
/// it is followed, as long as it is a good part of what that process does at all and of what the ones asked about do: a chat with the
/// logger once a second is no part of the chain. Each process is in it once, so that loops are cut.
/// </remarks>
public static class WakeChain
{
    private const int MaxDepth = 8;
    private const int MaxProcesses = 32;

    /// <summary>An edge counts when it is this share of what either of its ends does.</summary>
    private const double ShareOfEnd = 0.1;

    /// <summary>And this share of the strongest edge of the processes asked about.</summary>
    private const double ShareOfTarget = 0.05;

    /// <summary>And happened this often: what was seen once or twice is nobody's way.</summary>
    private const int LeastWakeups = 10;

    /// <summary>Finds the chain.</summary>
    /// <param name="wakes">Who woke whom.</param>
    /// <param name="isTarget">Which threads are asked about.</param>
    /// <returns>The processes in the order in which they are reached; empty when those asked about were neither woken nor woke anybody.</returns>
    public static IReadOnlyList<ChainProcess> Find(IReadOnlyList<ObservedPair> wakes, Func<ObservedTask, bool> isTarget)
    {
        ArgumentNullException.ThrowIfNull(wakes);
        ArgumentNullException.ThrowIfNull(isTarget);
        List<ObservedPair> between = [.. wakes.Where(pair => pair.From.ProcessId != pair.To.ProcessId && IsProcess(pair.From) && IsProcess(pair.To))];
        var edges = between.GroupBy(pair => (From: pair.From.ProcessId, To: pair.To.ProcessId))
            .ToDictionary(group => group.Key, group => group.Sum(pair => pair.Count));
        var outgoing = edges.GroupBy(edge => edge.Key.From).ToDictionary(group => group.Key, group => group.OrderByDescending(edge => edge.Value).ToList());
        var incoming = edges.GroupBy(edge => edge.Key.To).ToDictionary(group => group.Key, group => group.OrderByDescending(edge => edge.Value).ToList());
        var targets = between.SelectMany(pair => new[] { pair.From, pair.To }).Where(isTarget).Select(task => task.ProcessId).Distinct().Order().ToList();
        var strongest = edges.Where(edge => targets.Contains(edge.Key.From) || targets.Contains(edge.Key.To)).Select(edge => edge.Value).DefaultIfEmpty(0).Max();
        var order = Follow(targets, outgoing, incoming, strongest);
        return [.. order.Select(process => Describe(process, order, between, incoming, targets))];
    }

    private static bool IsProcess(ObservedTask task) => !task.IsKernelThread && task.ProcessId > 0;

    private static List<int> Follow(
        List<int> targets, Dictionary<int, List<KeyValuePair<(int From, int To), long>>> outgoing,
        Dictionary<int, List<KeyValuePair<(int From, int To), long>>> incoming, long strongest)
    {
        var found = new List<int>();
        var seen = new HashSet<int>();
        var next = new Queue<(int Process, int Depth)>(targets.Select(target => (target, 0)));
        while (next.TryDequeue(out var at) && found.Count < MaxProcesses)
        {
            if (!seen.Add(at.Process))
            {
                continue;
            }

            found.Add(at.Process);
            if (at.Depth == MaxDepth)
            {
                continue;
            }

            foreach (var (edge, count) in Strong(outgoing, at.Process, strongest))
            {
                next.Enqueue((edge.To, at.Depth + 1));
            }

            foreach (var (edge, count) in Strong(incoming, at.Process, strongest))
            {
                next.Enqueue((edge.From, at.Depth + 1));
            }
        }

        return found;
    }

    private static IEnumerable<KeyValuePair<(int From, int To), long>> Strong(
        Dictionary<int, List<KeyValuePair<(int From, int To), long>>> edges, int process, long strongest)
    {
        if (!edges.TryGetValue(process, out var all))
        {
            return [];
        }

        var total = all.Sum(edge => edge.Value);
        return all.Where(edge => edge.Value >= LeastWakeups && edge.Value >= ShareOfEnd * total && edge.Value >= ShareOfTarget * strongest);
    }

    private static ChainProcess Describe(
        int process, List<int> chain, List<ObservedPair> pairs, Dictionary<int, List<KeyValuePair<(int From, int To), long>>> incoming, List<int> targets)
    {
        List<ObservedPair> woken = [.. pairs.Where(pair => pair.To.ProcessId == process && chain.Contains(pair.From.ProcessId))];
        var leader = woken.Count > 0
            ? woken.GroupBy(pair => pair.To).OrderByDescending(group => group.Sum(pair => pair.Count)).First().Key
            : pairs.FirstOrDefault(pair => pair.From.ProcessId == process)?.From
                // Wakes nobody, and was woken too seldom for its waker to belong to the chain.
                ?? pairs.First(pair => pair.To.ProcessId == process).To;
        var waker = incoming.GetValueOrDefault(process, []).Where(edge => chain.Contains(edge.Key.From)).Select(edge => edge.Key.From).FirstOrDefault();
        return new ChainProcess(leader, targets.Contains(process), woken.Sum(pair => pair.Count), woken.Sum(pair => pair.Ns), waker);
    }
}
