using System.Text.Json;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>State and counters of the scheduler, as its own process tells them.</summary>
public sealed class Snapshot(JsonElement json)
{
    public bool Attached => json.GetProperty("attached").GetBoolean();

    public string KernelState => Text("kernel_state");

    public string OpsName => Text("ops_name");

    public string Mode => Text("mode");

    /// <summary>Threads that run the dispatch loop.</summary>
    public int DispatchLoops => json.GetProperty("dispatch_loops").GetInt32();

    /// <summary>How often user space was found not to answer.</summary>
    public long AutonomousCount => json.GetProperty("autonomous_count").GetInt64();

    /// <summary>Why the policy that was asked for is not in use; empty when it is.</summary>
    public string PolicyFailure => Text("policy_failure");

    /// <summary>Exit kind and words; null while it has not ended.</summary>
    public (int Kind, string Words)? LastExit => json.TryGetProperty("last_exit", out JsonElement exit)
        ? (exit.GetProperty("kind").GetInt32(), $"{exit.GetProperty("reason").GetString()}: {exit.GetProperty("message").GetString()}")
        : null;

    public IReadOnlyDictionary<string, long> Branches => Map("branches");

    public Counters Counters => new(Map("counters"));

    /// <summary>CPU time by class, ns.</summary>
    public IReadOnlyDictionary<string, long> ClassRunNs => Map("class_run_ns");

    /// <summary>CPU time of the classes that tasks have, ns.</summary>
    public long TotalRunNs => ClassRunNs.Where(c => c.Key != "system").Sum(c => c.Value);

    /// <summary>What the kernel itself has counted of the scheduler; empty where it does not.</summary>
    public IReadOnlyDictionary<string, long> KernelEvents => Map("kernel_events");

    /// <summary>How long the one that has waited longest waits, us; 0 when nobody waits.</summary>
    public long OldestWaitUs => json.TryGetProperty("oldest_waiting", out JsonElement oldest) ? oldest.GetProperty("waited_us").GetInt64() : 0;

    /// <summary>The modes that it has changed to, oldest first.</summary>
    public IReadOnlyList<string> ModeChanges => [.. json.GetProperty("mode_changes").EnumerateArray().Select(c => c.GetProperty("mode").GetString()!)];

    /// <summary>Why it changed, in the same order.</summary>
    public IReadOnlyList<string> ReasonsOfModeChanges => [.. json.GetProperty("mode_changes").EnumerateArray().Select(c => c.GetProperty("reason").GetString()!)];

    /// <summary>The dispatch loops that changed their mode, in the order of these changes.</summary>
    public IReadOnlyList<int> LoopsOfModeChanges => [.. json.GetProperty("mode_changes").EnumerateArray().Select(c => c.GetProperty("loop").GetInt32())];

    public override string ToString() => json.GetRawText();

    private string Text(string name) => json.GetProperty(name).GetString() ?? "";

    private Dictionary<string, long> Map(string name) => json.GetProperty(name).EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetInt64());
}
