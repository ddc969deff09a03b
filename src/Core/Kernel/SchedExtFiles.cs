using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Core.Kernel;

/// <summary>What the kernel says of sched_ext in /sys/kernel/sched_ext.</summary>
internal static class SchedExtFiles
{
    private const string Root = "/sys/kernel/sched_ext";

    /// <summary>State when the kernel has no sched_ext.</summary>
    public const string Absent = "absent";

    /// <summary>enabling, enabled, disabling, disabled, or <see cref="Absent"/>.</summary>
    public static string State => Read("state") ?? Absent;

    /// <summary>Name of the attached scheduler; empty when none is.</summary>
    public static string OpsName => Read("root/ops") ?? "";

    /// <summary>Number of CPU hotplug events so far; 0 where the kernel does not tell.</summary>
    public static ulong HotplugSequence =>
        ulong.TryParse(Read("hotplug_seq"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    /// <summary>Waits until <see cref="State"/> is a wanted one; false when that takes too long.</summary>
    public static bool WaitForState(Predicate<string> wanted, TimeSpan limit)
    {
        long started = Stopwatch.GetTimestamp();
        while (!wanted(State))
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                return false;
            }
            Thread.Sleep(1);
        }
        return true;
    }

    private static string? Read(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(Root, name)).Trim();
        }
        catch (IOException)
        {
            return null; // absent, or gone with the scheduler between two calls
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
