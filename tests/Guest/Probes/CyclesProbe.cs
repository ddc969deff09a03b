using System.Globalization;
using Coxswain.Core.Kernel;

namespace Coxswain.Guest.Probes;

/// <summary>Attaches and detaches again and again, and tells what the first and the last time left behind.</summary>
internal static class CyclesProbe
{
    /// <summary>By then caches and pools of the runtime have their size.</summary>
    private const int WarmUp = 5;

    public static Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        int count = options.Number("--count", 30, WarmUp + 1, 10_000);
        options.End();
        Footprint first = default;
        for (int i = 0; i < count; i++)
        {
            using (var scheduler = new Scheduler(new SchedulerOptions()))
            {
                scheduler.Start();
                scheduler.Stop();
                SchedulerExit? exit = scheduler.Snapshot().LastExit;
                if (KernelState.State != "disabled" || exit is null || exit.Kind >= 1024)
                {
                    throw new GuestException($"cycle {i}: sched_ext is {KernelState.State}, exit {exit}");
                }
            }

            if (i + 1 == WarmUp)
            {
                first = Footprint.Take();
            }
        }

        var last = Footprint.Take();
        ProbeJson.Print(json =>
        {
            json.WriteNumber("cycles", count);
            json.WriteNumber("rss_kib_first", first.RssKib);
            json.WriteNumber("rss_kib_last", last.RssKib);
            json.WriteNumber("fds_first", first.Fds);
            json.WriteNumber("fds_last", last.Fds);
            json.WriteNumber("bpf_maps_first", first.Maps);
            json.WriteNumber("bpf_maps_last", last.Maps);
            json.WriteNumber("bpf_programs_first", first.Programs);
            json.WriteNumber("bpf_programs_last", last.Programs);
        });
        return Task.FromResult(ExitCode.Worked);
    }

    private readonly record struct Footprint(int RssKib, int Fds, int Maps, int Programs)
    {
        public static Footprint Take()
        {
            // Finalizers first: what they let go is collected by the second, which gives the heap's spare pages back too.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Thread.Sleep(1000); // the kernel frees maps and programs after a grace period
            string rss = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return new Footprint(
                int.Parse(rss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture),
                Directory.GetFiles("/proc/self/fd").Length,
                BpfMaps.CountMaps(),
                BpfMaps.CountPrograms());
        }
    }
}
