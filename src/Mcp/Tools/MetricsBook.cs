using Coxswain.Core.Observe;

namespace Coxswain.Mcp.Tools;

/// <summary>Keeps measurements of all clients for later comparison; the oldest go first. Thread-safe.</summary>
internal sealed class MetricsBook
{
    /// <summary>Most measurements.</summary>
    internal const int Most = 64;

    /// <summary>Most seconds of them together: 10 MB.</summary>
    internal const int MostSeconds = 6000;

    private const int MaxNamed = 5;
    private const int MaxSaid = 100;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Id, string Selection, IReadOnlyList<ObservedSecond> Seconds)> _kept = [];

    /// <summary>Keeps a measurement.</summary>
    /// <param name="selection">What was measured, in words.</param>
    /// <param name="seconds">The measurement.</param>
    /// <returns>Its id.</returns>
    public string Keep(string selection, IReadOnlyList<ObservedSecond> seconds)
    {
        var id = $"met_{Random.Shared.GetHexString(8, lowercase: true)}";
        lock (_gate)
        {
            _kept.AddFirst((id, selection, seconds));
            while (_kept.Count > 1 && (_kept.Count > Most || _kept.Sum(entry => entry.Seconds.Count) > MostSeconds))
            {
                _kept.RemoveLast();
            }
        }

        return id;
    }

    /// <summary>Finds a measurement.</summary>
    /// <exception cref="ToolRefusedException">It is not there, or of something else.</exception>
    public IReadOnlyList<ObservedSecond> Find(string id, string selection)
    {
        lock (_gate)
        {
            foreach (var (known, of, seconds) in _kept)
            {
                if (known == id)
                {
                    return of == selection ? seconds
                        : throw new ToolRefusedException($"{id} measured {Said(of)}, this call {Said(selection)}: compare the same with the same");
                }
            }

            // Only those that would do: what others measured is theirs.
            var ids = string.Join(", ", _kept.Where(entry => entry.Selection == selection).Take(MaxNamed).Select(entry => entry.Id));
            throw new ToolRefusedException(
                $"compare_to='{id}' is not known (any more); for {Said(selection)} {(ids.Length > 0 ? $"there is: {ids}" : "none is kept: call without compare_to first")}");
        }
    }

    private static string Said(string selection) =>
        selection.Length == 0 ? "the whole machine" : selection.Length > MaxSaid ? selection[..MaxSaid] + "…" : selection;
}
