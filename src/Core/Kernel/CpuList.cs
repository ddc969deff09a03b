using System.Globalization;

namespace Coxswain.Core.Kernel;

/// <summary>CPU lists as the kernel writes them: "0-3,8".</summary>
internal static class CpuList
{
    /// <summary>One more than the largest CPU id that this machine can ever have.</summary>
    public static int PossibleIds()
    {
        int largest = Parse(File.ReadAllText("/sys/devices/system/cpu/possible")).DefaultIfEmpty(0).Max();
        return Math.Min(largest + 1, Wire.CpuState.Max);
    }

    /// <summary>The ids in a list; empty for an empty one.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static IEnumerable<int> Parse(string text)
    {
        foreach (string part in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            int last = ends.Length > 1 ? int.Parse(ends[1], CultureInfo.InvariantCulture) : first;
            for (int cpu = first; cpu <= last; cpu++)
            {
                yield return cpu;
            }
        }
    }
}
