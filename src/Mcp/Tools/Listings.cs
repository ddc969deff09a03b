using System.Globalization;

namespace Coxswain.Mcp.Tools;

/// <summary>Keeps the last listings for a while, so that the pages of one belong together. Thread-safe.</summary>
/// <typeparam name="TListing">Kind of listing.</typeparam>
/// <param name="time">Clock.</param>
/// <param name="tool">The tool that makes them.</param>
internal sealed class Listings<TListing>(TimeProvider time, string tool)
    where TListing : IListing
{
    private const int Most = 4;
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(2);
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Id, TListing Listing)> _listings = [];

    /// <summary>Keeps a listing.</summary>
    /// <returns>Its id, for cursors.</returns>
    public string Keep(TListing listing)
    {
        var id = Random.Shared.GetHexString(12, lowercase: true);
        lock (_gate)
        {
            _listings.AddFirst((id, listing));
            while (_listings.Count > Most || time.GetUtcNow() - _listings.Last!.Value.Listing.AsOf > s_lifetime)
            {
                _listings.RemoveLast();
            }
        }

        return id;
    }

    /// <summary>Finds the listing that a cursor belongs to.</summary>
    /// <exception cref="ToolRefusedException">There is none, or no longer.</exception>
    public (string Id, TListing Listing, int Offset) Find(string cursor)
    {
        var parts = cursor.Split('-');
        lock (_gate)
        {
            foreach (var (id, listing) in _listings)
            {
                if (parts.Length == 2 && parts[0] == id && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset) &&
                    offset < listing.Kept && time.GetUtcNow() - listing.AsOf <= s_lifetime)
                {
                    return (id, listing, offset);
                }
            }
        }

        throw new ToolRefusedException($"cursor is unknown or older than 2 minutes; call {tool} without cursor to start again");
    }
}
