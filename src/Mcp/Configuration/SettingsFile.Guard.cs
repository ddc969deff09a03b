using Coxswain.Core.Guards;
using Tomlyn.Syntax;

namespace Coxswain.Mcp.Configuration;

// When the daemon's own guard acts.
internal sealed partial class SettingsFile
{
    private static readonly string[] s_observing = ["clients", "changes", "always"];

    private static string[] KnownOfGuard =>
        ["guard.enabled", "guard.observe", "guard.worse_pct", "guard.min_wait_us", "guard.for_seconds", "guard.watch_seconds"];

    private Settings? TakeForGuard(string key, KeyValueSyntax pair)
    {
        var guard = _settings.Guard;
        return key switch
        {
            "guard.enabled" => Guard(guard with { Enabled = Flag(key, pair) }),
            "guard.observe" => Guard(guard with { Observing = Observing(key, pair) }),
            "guard.worse_pct" => Guard(guard with { WorsePercent = Number(key, pair, 110, 10_000) }),
            "guard.min_wait_us" => Guard(guard with { MinWaitUs = Number(key, pair, 0, 1_000_000) }),
            "guard.for_seconds" => Guard(guard with { ForSeconds = Number(key, pair, 1, GuardOptions.MaxForSeconds) }),
            "guard.watch_seconds" => Guard(guard with { WatchSeconds = Number(key, pair, 5, 3600) }),
            _ => null,
        };
    }

    private Settings Guard(GuardOptions guard) => _settings with { Guard = guard };

    private GuardObserving Observing(string key, KeyValueSyntax pair) =>
        Array.IndexOf(s_observing, Text(key, pair, pair.Value)) is var found and >= 0
            ? (GuardObserving)found
            : throw Wrong(key, pair, $"one of {string.Join(", ", s_observing)}");
}
