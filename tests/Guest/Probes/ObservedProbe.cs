using Coxswain.Core.Kernel;
using Coxswain.Core.Observe.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>What is in the maps of an observer that runs in another process.</summary>
internal static unsafe class ObservedProbe
{
    private const string Usage =
        """
        usage: coxswain-guest observed

        Counts what the observer that is on, in another process, has in its maps: slots of threads, those of threads that are not there any more,
        waiting times in slots that are nobody's, and pairs of who delayed and who woke whom.
        """;

    public static Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(Usage);
            return Task.FromResult(ExitCode.Worked);
        }

        new Options(arguments).End();
        (int tasksFd, int slots) = Open("tasks", sizeof(TaskRecord));
        (int histogramsFd, _) = Open("histograms", sizeof(HistogramRecord));
        using var tasks = new MappedMap<TaskRecord>(tasksFd, slots);
        using var histograms = new MappedMap<HistogramRecord>(histogramsFd, slots);
        int taken = 0, gone = 0, left = 0;
        for (int slot = 0; slot < slots; slot++)
        {
            int pid = Volatile.Read(ref tasks.Pointer[slot].Pid);
            if (pid != 0)
            {
                taken++;
                gone += Directory.Exists($"/proc/{pid}") ? 0 : 1;
            }
            else
            {
                left += new ReadOnlySpan<byte>(histograms.Pointer + slot, sizeof(HistogramRecord)).ContainsAnyExcept((byte)0) ? 1 : 0;
            }
        }

        ProbeJson.Print(json =>
        {
            json.WriteNumber("slots", slots);
            json.WriteNumber("taken", taken);
            json.WriteNumber("gone", gone);
            json.WriteNumber("left_histograms", left);
            json.WriteNumber("delays", BpfMaps.CountEntries(Open("delays", sizeof(SumRecord)).Fd, sizeof(PairRecord)));
            json.WriteNumber("wakes", BpfMaps.CountEntries(Open("wakes", sizeof(SumRecord)).Fd, sizeof(PairRecord)));
        });
        return Task.FromResult(ExitCode.Worked);
    }

    private static (int Fd, int Entries) Open(string name, int valueSize)
    {
        int fd = BpfMaps.Open(name, valueSize);
        return fd >= 0 ? (fd, BpfMaps.MostEntries(fd)) : throw new GuestException($"no observer is on: there is no map '{name}' with values of {valueSize} bytes");
    }
}
