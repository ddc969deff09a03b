using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>An active intent, bound to its selector: threads enter and leave it as they come to match or cease to.</summary>
/// <remarks>A renewal is a new object with the same number, so that a failed one can be taken back.</remarks>
internal sealed class Intent
{
    // With the cgroup that each is named by; empty where it is not named by one.
    private readonly Dictionary<TaskKey, string> _held = [];
    private readonly HashSet<TaskKey> _shadowed = [];

    // With the number of threads held in each.
    private readonly Dictionary<string, int> _cgroups = new(StringComparer.Ordinal);

    // Those given up as they hold a protected thread: a thread that is claimed anew must not bring them back.
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);

    public required uint Number { get; init; }

    public required string Id { get; init; }

    public required IntentRequest Request { get; init; }

    public required ResolvedSelector Target { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was applied, or renewed last, CLOCK_MONOTONIC ns.</summary>
    public ulong AppliedNs => ExpiresNs - (ulong)Request.TtlSeconds * 1_000_000_000;

    /// <summary>End of its lifetime, CLOCK_MONOTONIC ns.</summary>
    public required ulong ExpiresNs { get; init; }

    /// <summary>How narrowly it names, or as narrowly as those that it was told to replace: the higher one wins.</summary>
    public required int Specificity { get; init; }

    /// <summary>Order of the requests: of two as specific the one asked for last wins, a renewal counts as asking.</summary>
    public required long Rank { get; init; }

    /// <summary>Last second of the observer that lies wholly before it was first applied; 0 when nothing was observed then.</summary>
    public uint SeenUntil { get; set; }

    /// <summary>Why a guard takes it back.</summary>
    public GuardFinding? Finding { get; set; }

    /// <summary>Number of its CPU set in the kernel; 0: it sets no CPUs, or is not in force.</summary>
    public int CpuSet { get; set; }

    /// <summary>Every living process that ever had a thread in it. The kernel copies directives to new threads of a process,
    /// so these are the ones to search when it ends.</summary>
    public required HashSet<int> Processes { get; init; }

    public int HeldCount => _held.Count;

    /// <summary>Cgroups of which all threads are named and not one is protected.</summary>
    public IReadOnlyCollection<string> Cgroups => _cgroups.Keys;

    /// <summary>True when the last thread of one of <see cref="Cgroups"/> has left.</summary>
    public bool HasDesertedCgroup => _cgroups.ContainsValue(0);

    /// <summary>Starts a new look at all threads.</summary>
    /// <param name="living">The processes that are still there; null when that is not known. A regex that matches
    /// short-lived processes would otherwise gather thousands of dead ones in a day.</param>
    public void ReleaseAll(IReadOnlySet<int>? living)
    {
        _held.Clear();
        _shadowed.Clear();
        _cgroups.Clear();
        _givenUp.Clear();
        if (living is not null)
        {
            Processes.IntersectWith(living);
        }
    }

    /// <summary>Takes a thread into the intent when it is one of those named.</summary>
    /// <returns>False when it is not, or when the intent is full.</returns>
    public bool Claim(TaskInfo task)
    {
        if (!Target.Names(task))
        {
            return false;
        }

        if (!_held.ContainsKey(task.Key) && _held.Count >= IntentLimits.MaxTasksPerIntent)
        {
            return false;
        }

        Release(task.Key);
        Processes.Add(task.ProcessId);
        var cgroup = Target.WholeCgroup(task) ?? "";
        _held.Add(task.Key, cgroup);
        if (cgroup.Length > 0 && !_givenUp.Contains(cgroup))
        {
            _cgroups[cgroup] = _cgroups.GetValueOrDefault(cgroup) + 1;
        }

        return true;
    }

    /// <summary>Lets a thread go, until it is claimed again.</summary>
    /// <returns>True when it was held.</returns>
    public bool Release(TaskKey task)
    {
        _shadowed.Remove(task);
        if (!_held.Remove(task, out var cgroup))
        {
            return false;
        }

        if (_cgroups.TryGetValue(cgroup, out var threads))
        {
            _cgroups[cgroup] = Math.Max(0, threads - 1);
        }

        return true;
    }

    /// <summary>Notes whether another intent decides everything that this one sets for a thread.</summary>
    public void Note(TaskKey task, bool shadowed)
    {
        if (shadowed)
        {
            _shadowed.Add(task);
        }
        else
        {
            _shadowed.Remove(task);
        }
    }

    /// <summary>Tells whether a thread was in it at the last look.</summary>
    public bool Holds(TaskKey task) => _held.ContainsKey(task);

    /// <summary>Tells whether other intents decide everything that this one sets for a thread.</summary>
    public bool IsShadowed(TaskKey task) => _shadowed.Contains(task);

    /// <summary>Gives up the cgroups that hold a protected thread: its own threads are then directed one by one.</summary>
    public void ReleaseCgroupsOf(TaskInfo protectedTask)
    {
        while (_cgroups.Count > 0 && CoveringCgroup(protectedTask.Cgroup) is { } cgroup)
        {
            _cgroups.Remove(cgroup);
            _givenUp.Add(cgroup);
        }
    }

    /// <summary>Tells whether all threads of a cgroup are named.</summary>
    public bool CoversCgroup(string path) => _cgroups.Count > 0 && CoveringCgroup(path) is not null;

    // Up the path, and not through the cgroups, of which there may be a thousand.
    private string? CoveringCgroup(string path)
    {
        var cgroups = _cgroups.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var end = path.Length; end > 0; end = path.AsSpan(0, end).LastIndexOf('/'))
        {
            if (cgroups.TryGetValue(path.AsSpan(0, end), out var cgroup, out _))
            {
                return cgroup;
            }
        }

        return path.Length > 0 && cgroups.TryGetValue("/", out var root, out _) ? root : null;
    }

    public Change Describe(EndCause cause = EndCause.None, DateTimeOffset? endedAt = null) => new()
    {
        Id = Id,
        Number = Number,
        Request = Request,
        Specificity = Specificity,
        CreatedAt = CreatedAt,
        ExpiresAt = ExpiresAt,
        TaskCount = _held.Count,
        ShadowedCount = _shadowed.Count,
        TaskSample = [.. _held.Keys.Select(key => key.Tid).Order().Take(Change.SampleSize)],
        EndCause = cause,
        Finding = Finding,
        EndedAt = endedAt,
    };
}
