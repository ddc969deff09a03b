using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Guest.Probes;

namespace Coxswain.Guest.Bench;

/// <summary>
/// The round trip through user space: from the notice of a parked task to its applied verdict, as the kernel side of the
/// scheduler that is attached counts it; read from outside its process, while it is at work.
/// </summary>
internal sealed class VerdictTimes : IDisposable
{
    /// <summary>Of fewer verdicts a 99th percentile says nothing: modes and loads in which user space is hardly asked.</summary>
    private const int Fewest = 100;

    private readonly MappedMap<State> _state;
    private ulong[] _before;

    private VerdictTimes(MappedMap<State> state)
    {
        _state = state;
        _before = Buckets();
    }

    /// <exception cref="GuestException">No scheduler of ours is attached.</exception>
    public static unsafe VerdictTimes Open()
    {
        int fd = BpfMaps.Open(".bss.state", sizeof(State));
        if (fd < 0)
        {
            throw new GuestException("no scheduler of ours is loaded");
        }

        try
        {
            return new VerdictTimes(new MappedMap<State>(fd));
        }
        finally
        {
            _ = LibC.close(fd); // the mapping keeps it
        }
    }

    /// <summary>What came before this is left out.</summary>
    public void Restart() => _before = Buckets();

    /// <summary>Percentiles since the restart; nothing where user space was hardly asked.</summary>
    public IEnumerable<Sample> Read() => RoundTrip.From([.. Buckets().Zip(_before, (now, then) => now - then)]) is { Count: >= Fewest } trip
        ? Percentiles("notice_to_applied", trip).Append(new Sample("verdicts_applied", "", trip.Count))
        : [];

    /// <summary>One distribution as samples.</summary>
    public static IEnumerable<Sample> Percentiles(string name, RoundTrip times) =>
    [
        new Sample($"{name}_p50", "us", times.P50Us), new Sample($"{name}_p90", "us", times.P90Us),
        new Sample($"{name}_p99", "us", times.P99Us), new Sample($"{name}_max", "us", times.MaxUs),
    ];

    public void Dispose() => _state.Dispose();

    private unsafe ulong[] Buckets()
    {
        ReadOnlySpan<ulong> buckets = _state.Pointer->RoundTrip;
        return buckets.ToArray();
    }
}
