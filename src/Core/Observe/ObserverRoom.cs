using System.Globalization;
using System.Runtime.InteropServices;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Core.Observe;

/// <summary>How much the kernel side of the observer can hold.</summary>
/// <param name="Slots">Threads at a time.</param>
/// <param name="Pairs">Pairs of who delayed whom, and as many of who woke whom, until user space looks.</param>
internal sealed record ObserverRoom(int Slots, int Pairs = ObserverRoom.UsualPairs)
{
    /// <summary>Least number of slots on any machine: room for storms of short-lived threads on a small one.</summary>
    public const int LeastSlots = 8192;

    /// <summary>Most slots: 40 MB.</summary>
    public const int MostSlots = 65536;

    /// <summary>Fewer slots than this, and the places where a thread may be lie outside of the table.</summary>
    public const int FewestSlots = 256;

    /// <summary>Rather many pairs would be lost than that a second is spent on them.</summary>
    public const int UsualPairs = 8192;

    // Of each pair the kernel keeps 48 bytes beside what is in it, and 16 for the way to it.
    private const int PairOverhead = 64;

    /// <summary>Room for this machine as it is now, with a quarter more threads and some to spare.</summary>
    public static ObserverRoom ForThisMachine() => ForThreads(CountThreads());

    /// <summary>Room for so many threads, a quarter more and some to spare.</summary>
    public static ObserverRoom ForThreads(int threads) => new(Math.Clamp(threads * 5 / 4 + 4096, LeastSlots, MostSlots));

    /// <summary>Memory of the kernel that all of it takes, bytes.</summary>
    public long Bytes =>
        (long)Slots * (Marshal.SizeOf<TaskRecord>() + Marshal.SizeOf<HistogramRecord>())
        + 2L * Pairs * (Marshal.SizeOf<PairRecord>() + Marshal.SizeOf<SumRecord>() + PairOverhead)
        + CpuRecord.Max * Marshal.SizeOf<CpuRecord>();

    // Fourth field of loadavg: runnable and all threads, "2/345".
    private static int CountThreads()
    {
        var fields = File.ReadAllText("/proc/loadavg").Split(' ');
        return int.Parse(fields[3].Split('/')[1], CultureInfo.InvariantCulture);
    }
}
