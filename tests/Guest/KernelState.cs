using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Guest;

/// <summary>What the kernel itself says, read at each call.</summary>
internal static class KernelState
{
    private const string Directory = "/sys/kernel/sched_ext";

    /// <summary>As uname -r says it.</summary>
    public static string Release => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    /// <summary>enabled, disabled, enabling, disabling; absent where the kernel has no sched_ext.</summary>
    public static string State => File.Exists($"{Directory}/state") ? File.ReadAllText($"{Directory}/state").Trim() : "absent";

    /// <summary>What the kernel has counted of the attached scheduler, by name; nothing where it does not count, or none is attached.</summary>
    public static IReadOnlyDictionary<string, long> Events()
    {
        try
        {
            return File.ReadAllLines($"{Directory}/root/events").Select(line => line.Split(' '))
                .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return new Dictionary<string, long>(); // gone with the scheduler
        }
    }

    /// <summary>How often a scheduler was attached since boot.</summary>
    public static string EnableSequence => File.ReadAllText($"{Directory}/enable_seq").Trim();

    /// <summary>Waits until the state is the wanted one, but not for ever.</summary>
    /// <returns>The state at the end.</returns>
    public static async Task<string> WaitForAsync(string wanted, TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        string state = State;
        while (state != wanted && waited.Elapsed < limit)
        {
            await Task.Delay(20);
            state = State;
        }

        return state;
    }

    /// <summary>Ends the command where our scheduler could not be loaded anyway.</summary>
    public static void RequireFree()
    {
        if (State != "disabled")
        {
            throw new GuestException(State == "absent"
                ? $"Linux {Release} has no sched_ext; run this in a guest that has (vm/run)"
                : $"sched_ext is {State}: another scheduler is loaded");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new GuestException("loading a scheduler needs root");
        }
    }
}
