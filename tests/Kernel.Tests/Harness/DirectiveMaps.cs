namespace Coxswain.Kernel.Tests.Harness;

/// <summary>All that the kernel's maps hold for threads and cgroups, read by a process that has nothing to do with the server.</summary>
public static class DirectiveMaps
{
    /// <summary>Each entry as text, with all that it says but the generation; empty when no scheduler of ours is loaded.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(Guest guest)
    {
        GuestResult threads = await guest.ControlAsync("coxswain-guest directives");
        GuestResult cgroups = await guest.ControlAsync("coxswain-guest cgroups");
        // The kernel takes the maps away some time after the process: between the two, too.
        if (cgroups.ErrorText.Contains("no scheduler of ours is loaded", StringComparison.Ordinal))
        {
            return [];
        }

        return
        [
            .. threads.Succeeded().Json().GetProperty("directives").EnumerateArray().Select(entry => entry.GetRawText()).Order(StringComparer.Ordinal),
            .. cgroups.Succeeded().Json().GetProperty("cgroups").EnumerateArray().Select(entry => entry.GetRawText()).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Waits until there is nothing in them, which is a moment after the process that had them has ended.</summary>
    public static async Task ExpectNoneAsync(Guest guest)
    {
        IReadOnlyList<string> left = await ReadAsync(guest);
        for (int i = 0; i < 20 && left.Count > 0; i++)
        {
            await Task.Delay(100);
            left = await ReadAsync(guest);
        }

        Assert.Empty(left);
    }
}
