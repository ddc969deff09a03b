namespace Coxswain.Core.Kernel;

/// <summary>Frees the maps of tasks and cgroups when no CPU comes or goes any more.</summary>
/// <remarks>
/// From 6.14 on the kernel frees such a map pinned to a CPU, and waits for RCU Tasks Trace meanwhile. Before 7.0 that
/// waits until no CPU comes or goes; and a CPU goes only when nothing is pinned to it any more. Each would wait for the other
/// for ever, and with them whatever asks for the CPUs. The kernel ends a scheduler while it is attached when CPUs come and go,
/// and that is when more of them may.
/// </remarks>
internal static class TaskMaps
{
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(10);
    private static readonly Version s_firstPinned = new(6, 14);
    private static readonly Version s_firstFree = new(7, 0);

    /// <summary>Keeps them for ten seconds where that matters; to be called before the object is closed.</summary>
    public static void Keep(BpfObject obj)
    {
        Version kernel = KernelRelease.Parse(KernelRelease.Text);
        if (kernel < s_firstPinned || kernel >= s_firstFree)
        {
            return;
        }
        // One that cannot be had twice is freed at once, as it would be without this.
        int[] kept = [.. obj.FdsOfLocalStorage().Select(static fd => LibC.fcntl(fd, LibC.DuplicateForUs, 0)).Where(fd => fd >= 0)];
        _ = CloseAsync(kept);
    }

    private static async Task CloseAsync(int[] kept)
    {
        await Task.Delay(s_settling).ConfigureAwait(false);
        foreach (int fd in kept)
        {
            _ = LibC.close(fd);
        }
    }
}
