namespace Coxswain.Kernel.Tests.Harness;

/// <summary>All that the kernel's maps hold for threads and cgroups, read by a process that has nothing to do with the server.</summary>
public static class DirectiveMaps
{
    /// <summary>Each entry as text, with all that it says but the generation; empty when no scheduler of ours is loaded.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(Guest guest)
    {
        GuestResult threads = await guest.ControlAsync("coxswain-guest directives");
        if (threads.ErrorText.Contains("no scheduler of ours is loaded", StringComparison.Ordinal))
        {
            return [];
        }

        GuestResult cgroups = await guest.ControlAsync("coxswain-guest cgroups");
        return
        [
            .. threads.Succeeded().Json().GetProperty("directives").EnumerateArray().Select(entry => entry.GetRawText()).Order(StringComparer.Ordinal),
            .. cgroups.Succeeded().Json().GetProperty("cgroups").EnumerateArray().Select(entry => entry.GetRawText()).Order(StringComparer.Ordinal),
        ];
    }
}
