using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>The active intents in the order in which they win, and those that ended.</summary>
internal sealed class IntentBook
{
    // Without letters and digits that look alike; people read these aloud.
    private const string IdAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private readonly List<Intent> _active = [];
    private readonly LinkedList<Change> _ended = [];
    private uint _lastNumber;
    private long _lastRank;

    /// <summary>Differs whenever an intent has come or gone.</summary>
    public long Version { get; private set; }

    /// <summary>The most specific first; of those as specific, the newest request.</summary>
    public IReadOnlyList<Intent> Active => _active;

    /// <summary>What must be read of threads to tell which of the active intents name them.</summary>
    public TaskDetails Details
    {
        get
        {
            var details = TaskDetails.None;
            foreach (var intent in _active)
            {
                details |= intent.Target.Details;
            }

            return details;
        }
    }

    /// <summary>Ended last first.</summary>
    public IEnumerable<Change> Ended => _ended;

    /// <summary>Number of the newest change that there ever was.</summary>
    public uint LastNumber => _lastNumber;

    public uint NextNumber() => ++_lastNumber;

    /// <summary>Goes on counting where an earlier run stopped.</summary>
    public void CountFrom(uint number) => _lastNumber = Math.Max(_lastNumber, number);

    public long NextRank() => ++_lastRank;

    /// <summary>Makes an id that none of the changes here has.</summary>
    public string NextId()
    {
        string id;
        do
        {
            // 5 characters: 28 million ids, so that one typed wrong hardly ever names another change.
            // An id is a name, not a secret; and the cryptographic generator needs a library that small machines lack.
            id = "chg_" + new string(Random.Shared.GetItems<char>(IdAlphabet, 5));
        }
        while (FindActive(id) is not null || FindEnded(id) is not null);
        return id;
    }

    /// <summary>Finds the active intent that this request renews.</summary>
    public Intent? FindSame(IntentRequest request) => _active.Find(intent =>
        intent.Request.Author == request.Author &&
        intent.Request.IsTrial == request.IsTrial &&
        intent.Request.Effect == request.Effect &&
        intent.Request.Selector.Equals(request.Selector));

    public Intent? FindActive(string id) => _active.Find(intent => intent.Id == id);

    public Change? FindEnded(string id) => _ended.FirstOrDefault(change => change.Id == id);

    /// <summary>The id of the change with this number; null when it is forgotten.</summary>
    public string? IdOf(uint number) =>
        _active.Find(intent => intent.Number == number)?.Id ?? _ended.FirstOrDefault(change => change.Number == number)?.Id;

    /// <summary>Makes an intent active, in the place of the one with the same number if there is one.</summary>
    public void Put(Intent intent)
    {
        Remove(intent);
        _active.Add(intent);
        _active.Sort(static (a, b) => a.Specificity != b.Specificity ? b.Specificity.CompareTo(a.Specificity) : b.Rank.CompareTo(a.Rank));
    }

    public void Remove(Intent intent)
    {
        Version++;
        _active.RemoveAll(other => other.Number == intent.Number);
    }

    /// <summary>Moves an intent to the history.</summary>
    public Change End(Intent intent, EndCause cause, DateTimeOffset now)
    {
        Remove(intent);
        var change = intent.Describe(cause, now);
        Note(change);
        return change;
    }

    /// <summary>Remembers a change that has ended.</summary>
    public void Note(Change change)
    {
        _ended.AddFirst(change);
        if (_ended.Count > IntentLimits.MaxHistory)
        {
            _ended.RemoveLast();
        }
    }
}
