using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Guest.Demo;

/// <summary>The throughput part: processes that burn CPU and count equal units of work in a shared file.</summary>
internal sealed class Hogs : IDisposable
{
    // Layout of tests/Workloads/hog.c.
    private const int SlotSize = 64;
    private const int PidOffset = 8;

    /// <summary>Where they live.</summary>
    public static Home Home { get; } = new("batch", "train-0", "train");

    private readonly int _count;
    private readonly string _path;
    private readonly IProgram _program;

    private Hogs(int count, string path, IProgram program)
    {
        _count = count;
        _path = path;
        _program = program;
    }

    /// <summary>As plain processes.</summary>
    public static Task<Hogs> StartAsync(int count) => StartAsync(count, new ProcessLauncher());

    public static async Task<Hogs> StartAsync(int count, ILauncher launcher)
    {
        Hogs hogs = await StartAsync(count, launcher, []);
        await hogs.WaitAsync(() => hogs.Read().SlowestUnits > 0);
        return hogs;
    }

    /// <summary>
    /// As threads of one process, of which the memory holds many more; they begin at once, when all are there. Until each has had
    /// a turn is not waited for: with thousands of them on a CPU that takes a minute.
    /// </summary>
    public static async Task<Hogs> StartThreadsAsync(int count)
    {
        Hogs hogs = await StartAsync(count, new ProcessLauncher(), ["--threads"]);
        await hogs.WaitAsync(() => hogs.ReadUnits().Units > 0);
        return hogs;
    }

    private static async Task<Hogs> StartAsync(int count, ILauncher launcher, string[] more)
    {
        string path = Path.Combine(launcher.SharedDirectory, Path.GetRandomFileName());
        IProgram program = await launcher.StartAsync(
            Home, "cox-hog", ["--count", count.ToString(CultureInfo.InvariantCulture), "--counter", path, .. more]);
        return new Hogs(count, path, program);
    }

    private async Task WaitAsync(Func<bool> areThere)
    {
        var waited = Stopwatch.StartNew();
        while (!areThere())
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(30))
            {
                Dispose();
                throw new GuestException($"not all of {_count} hogs do anything after 30 s");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>What they have done by now. Does not disturb them.</summary>
    public HogReading Read() => Read(CpuTimeNs);

    /// <summary>The same without anybody's CPU time: for each of thousands that is a file to read.</summary>
    public HogReading ReadUnits() => Read(_ => 0);

    private HogReading Read(Func<long, long> cpuTimeNs)
    {
        byte[] slots = File.Exists(_path) ? File.ReadAllBytes(_path) : [];
        var reading = new HogReading { Timestamp = Stopwatch.GetTimestamp(), SlowestUnits = slots.Length < _count * SlotSize ? 0 : long.MaxValue };
        for (int slot = 0; slot + SlotSize <= slots.Length; slot += SlotSize)
        {
            long units = BinaryPrimitives.ReadInt64LittleEndian(slots.AsSpan(slot));
            long pid = BinaryPrimitives.ReadInt64LittleEndian(slots.AsSpan(slot + PidOffset));
            reading.Units += units;
            reading.SlowestUnits = Math.Min(reading.SlowestUnits, units);
            long cpuNs = cpuTimeNs(pid);
            reading.CpuNs += cpuNs;
            reading.CpuNsOfEach.Add(cpuNs);
        }

        return reading;
    }

    /// <summary>Of all of them.</summary>
    public IReadOnlyList<int> Pids
    {
        get
        {
            byte[] slots = File.ReadAllBytes(_path);
            return [.. Enumerable.Range(0, _count).Select(i => (int)BinaryPrimitives.ReadInt64LittleEndian(slots.AsSpan(i * SlotSize + PidOffset)))];
        }
    }

    public void Dispose()
    {
        _program.Dispose(); // the other hogs die with it
        File.Delete(_path);
    }

    /// <summary>Run time of a process with one thread; 0 where the kernel does not say.</summary>
    private static long CpuTimeNs(long pid)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{pid}/schedstat");
            return long.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

/// <summary>Work done by all hogs up to a moment.</summary>
internal sealed class HogReading
{
    public long Timestamp { get; init; }

    public long Units { get; set; }

    public long SlowestUnits { get; set; }

    public long CpuNs { get; set; }

    /// <summary>Of each hog, in the order of their numbers.</summary>
    public List<long> CpuNsOfEach { get; } = [];

    /// <summary>Units of work per second since an earlier reading.</summary>
    public double UnitsPerSecondSince(HogReading earlier) => (Units - earlier.Units) / Seconds(earlier);

    /// <summary>CPU time of each hog since an earlier reading, ns.</summary>
    public IEnumerable<double> CpuOfEachSince(HogReading earlier) => CpuNsOfEach.Zip(earlier.CpuNsOfEach, (now, then) => (double)(now - then));

    /// <summary>Share of the machine's CPU time since an earlier reading, 0 to 1.</summary>
    public double CpuShareSince(HogReading earlier, int cpus) => (CpuNs - earlier.CpuNs) / 1e9 / (Seconds(earlier) * cpus);

    private double Seconds(HogReading earlier) => Stopwatch.GetElapsedTime(earlier.Timestamp, Timestamp).TotalSeconds;
}
