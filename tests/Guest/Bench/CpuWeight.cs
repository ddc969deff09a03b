using System.Globalization;

namespace Coxswain.Guest.Bench;

/// <summary>cpu.weight of cgroups, as a user sets it for a workload: the highest, the default or the lowest.</summary>
internal static class CpuWeight
{
    private const string Root = "/sys/fs/cgroup";

    public static void Grant(Wish wish)
    {
        string weight = wish.Class switch { Wish.LatencyCritical => "10000", Wish.High => "1000", _ => "1" };
        string path = wish.Cgroup.Length > 0 ? Root + wish.Cgroup : $"{Root}/bench-{wish.Class}";
        try
        {
            File.WriteAllText($"{Root}/cgroup.subtree_control", "+cpu");
            Directory.CreateDirectory(path);
            File.WriteAllText($"{path}/cpu.weight", weight);
            foreach (int pid in wish.Cgroup.Length > 0 ? [] : wish.Pids)
            {
                File.WriteAllText($"{path}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"{path}: {e.Message}");
        }
    }
}
