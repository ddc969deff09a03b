using System.Text.Json;
using Coxswain.Core.Kernel;

namespace Coxswain.Guest.Probes;

/// <summary>One JSON object per line on standard output, at once.</summary>
internal static class ProbeJson
{
    public static void Print(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        using Stream output = Console.OpenStandardOutput();
        output.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
        output.Flush();
    }

    public static void WriteSnapshot(this Utf8JsonWriter json, SchedulerSnapshot snapshot)
    {
        json.WriteStartObject("snapshot");
        json.WriteBoolean("attached", snapshot.Attached);
        json.WriteString("kernel_state", snapshot.KernelState);
        json.WriteString("ops_name", snapshot.OpsName);
        json.WriteString("reason", snapshot.Reason);
        json.WriteString("mode", snapshot.Mode);
        json.WriteString("policy", snapshot.Policy);
        json.WriteString("policy_failure", snapshot.PolicyFailure);
        json.WriteNumber("lease_us", snapshot.LeaseNs / 1000);
        if (snapshot.RoundTrip is { } trip)
        {
            json.WriteStartObject("round_trip_us");
            json.WriteNumber("count", trip.Count);
            json.WriteNumber("p50", trip.P50Us);
            json.WriteNumber("p90", trip.P90Us);
            json.WriteNumber("p99", trip.P99Us);
            json.WriteNumber("max", trip.MaxUs);
            json.WriteEndObject();
        }

        json.WriteNumber("dispatch_loops", snapshot.DispatchLoops);
        json.WriteNumber("autonomous_count", snapshot.AutonomousCount);
        json.WriteMap("counters", snapshot.Counters);
        json.WriteMap("class_run_ns", snapshot.Classes.ToDictionary(c => c.Key, c => c.Value.RunNs));
        json.WriteMap("class_waits", snapshot.Classes.ToDictionary(c => c.Key, c => c.Value.Waits));
        if (snapshot.OldestWaiting is { } oldest)
        {
            json.WriteStartObject("oldest_waiting");
            json.WriteNumber("tid", oldest.Tid);
            json.WriteString("name", oldest.Name);
            json.WriteNumber("waited_us", oldest.WaitedNs / 1000);
            json.WriteEndObject();
        }

        json.WriteStartArray("mode_changes");
        foreach (ModeChange change in snapshot.ModeChanges)
        {
            json.WriteStartObject();
            json.WriteString("mode", change.Mode);
            json.WriteString("reason", change.Reason);
            json.WriteNumber("loop", change.Loop);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteMap("branches", snapshot.Branches);
        json.WriteMap("kernel_events", KernelState.Events());
        if (snapshot.LastExit is { } exit)
        {
            json.WriteStartObject("last_exit");
            json.WriteNumber("kind", exit.Kind);
            json.WriteNumber("code", exit.Code);
            json.WriteString("reason", exit.Reason);
            json.WriteString("message", exit.Message);
            json.WriteNumber("dump_length", exit.Dump.Length);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public static void WriteMap(this Utf8JsonWriter json, string name, IReadOnlyDictionary<string, long> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, long value) in map)
        {
            json.WriteNumber(key, value);
        }

        json.WriteEndObject();
    }
}
