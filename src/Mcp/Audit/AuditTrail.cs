using System.Text.Json;
using Coxswain.Core.Intents;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Protocol;
using Coxswain.Mcp.Results;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Audit;

/// <summary>What goes into the audit file: each call that changes something or was refused, and the life of each change.</summary>
/// <param name="file">The file; null when none is configured.</param>
/// <param name="time">Clock.</param>
internal sealed class AuditTrail(AuditFile? file, TimeProvider time)
{
    private const int MaxArgumentBytes = 8192;
    private const int MaxRecent = 50;
    private const int MaxRecentBytes = 48 * 1024;
    private readonly LinkedList<byte[]> _recent = [];
    private int _recentBytes;
    private long _count;

    /// <summary>Records since the server started.</summary>
    public long Count
    {
        get
        {
            lock (_recent)
            {
                return _count;
            }
        }
    }

    /// <summary>The last records, newest first, and how many there were.</summary>
    public (long Total, IReadOnlyList<JsonElement> Records) Recent()
    {
        lock (_recent)
        {
            return (_count, [.. _recent.Select(line => JsonElement.Parse(line))]);
        }
    }

    /// <summary>Refuses a change that could not be recorded.</summary>
    /// <exception cref="ToolRefusedException">The file cannot be written.</exception>
    public void RequireWritable()
    {
        if (file is { Problem.Length: > 0 })
        {
            // Perhaps it can be again.
            file.Write(json => Begin(json, "probe"), durable: false);
            if (file.Problem is { Length: > 0 } problem)
            {
                throw new ToolRefusedException($"the audit file cannot be written ({problem}), and changes are refused until it can; revert still works");
            }
        }
    }

    /// <summary>Records a call.</summary>
    /// <param name="tool">Name of the tool.</param>
    /// <param name="client">Who called, in their own words.</param>
    /// <param name="arguments">What was asked for.</param>
    /// <param name="refusal">Why it was refused; empty when it was not.</param>
    public void Call(string tool, string client, IEnumerable<KeyValuePair<string, JsonElement>>? arguments, string refusal) => Record(
        json =>
        {
            Begin(json, "call");
            json.WriteString("tool", tool);
            json.WriteString("client", client);
            WritePeer(json);
            WriteArguments(json, arguments ?? []);
            json.WriteString("outcome", refusal.Length == 0 ? "ok" : "refused");
            if (refusal.Length > 0)
            {
                json.WriteString("refusal", refusal);
            }
        },
        durable: true);

    /// <summary>Records that a change was applied, renewed or ended. Made durable by the record of the call, if there is one.</summary>
    public void Change(Change change, string what) => Record(
        json =>
        {
            Begin(json, what);
            json.WriteString("change_id", change.Id);
            json.WriteString("client", change.Request.Author);
            json.WriteString("selector", change.Request.Selector.ToString());
            json.WriteString("class", change.Request.Effect.Class.ToString());
            json.WriteNumber("slice_us", change.Request.Effect.SliceUs);
            json.WriteNumber("budget_pct", change.Request.Effect.BudgetPercent);
            json.WriteString("cpus", change.Request.Effect.Cpus is { } cpus ? $"{(cpus.IsHard ? "hard" : "soft")} {cpus}" : "");
            json.WriteString("reason", change.Request.Reason);
            json.WriteString("expires_at", Wire.Time(change.ExpiresAt));
            json.WriteNumber("threads", change.TaskCount);
            json.WriteStartArray("thread_pids");
            foreach (var tid in change.TaskSample)
            {
                json.WriteNumberValue(tid);
            }

            json.WriteEndArray();
            if (!change.IsActive)
            {
                json.WriteString("cause", change.EndCause.ToString());
            }

            if (change.Request.Guard is { } guard)
            {
                json.WriteString("guard", guard.ToString());
            }

            if (change.Finding is { } finding)
            {
                WriteFinding(json, finding);
            }
        },
        durable: false);

    private static void WriteFinding(Utf8JsonWriter json, GuardFinding finding)
    {
        json.WriteString("reverted_by", "guard");
        json.WriteStartObject("finding");
        json.WriteString("trigger", FindingRow.NameOf(finding.Trigger));
        json.WriteString("text", finding.Text);
        if (finding.Seconds > 0)
        {
            json.WriteString("metric", finding.Metric);
            json.WriteString("workload", finding.Workload);
            json.WriteNumber("measured_us", finding.MeasuredUs ?? 0);
            json.WriteNumber("limit_us", finding.LimitUs ?? 0);
            json.WriteNumber("seconds", finding.Seconds);
            json.WriteNumber("samples", finding.Samples);
        }

        if (finding.BeforeUs is { } before)
        {
            json.WriteNumber("before_us", before);
        }

        json.WriteEndObject();
    }

    // Also kept for a while where there is no file, so that an agent can look at what happened.
    private void Record(Action<Utf8JsonWriter> members, bool durable)
    {
        var record = RecordText.Escape(members);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            record.WriteTo(json);
        }

        lock (_recent)
        {
            _count++;
            _recent.AddFirst(buffer.ToArray());
            _recentBytes += (int)buffer.Length;
            while (_recent.Count > MaxRecent || _recentBytes > MaxRecentBytes)
            {
                _recentBytes -= _recent.Last!.Value.Length;
                _recent.RemoveLast();
            }
        }

        file?.Write(
            json =>
            {
                foreach (var member in record.EnumerateObject())
                {
                    member.WriteTo(json);
                }
            },
            durable);
    }

    private void Begin(Utf8JsonWriter json, string what)
    {
        json.WriteString("time", time.GetUtcNow().UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("event", what);
        if (CallTrace.Current is { Length: > 0 } trace)
        {
            json.WriteString("trace_id", trace);
        }
    }

    // What the machine vouches for, and what it saw.
    private static void WritePeer(Utf8JsonWriter json)
    {
        if (Peer.Current is not { } peer)
        {
            return;
        }

        json.WriteStartObject("peer");
        json.WriteString("kind", peer.Kind);
        json.WriteString("name", peer.Name);
        json.WriteString("role", Toolsets.Name(peer.Role));
        if (peer.Uid is { } uid)
        {
            json.WriteNumber("uid", uid);
        }

        if (peer.Pid is { } pid)
        {
            json.WriteNumber("pid", pid);
        }

        if (peer.Program.Length > 0)
        {
            json.WriteString("program", peer.Program);
        }

        if (peer.Address.Length > 0)
        {
            json.WriteString("address", peer.Address);
        }

        json.WriteEndObject();
    }

    private static void WriteArguments(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, JsonElement>> arguments)
    {
        var left = MaxArgumentBytes;
        json.WriteStartObject("arguments");
        foreach (var (name, value) in arguments)
        {
            var text = value.GetRawText();
            left -= name.Length + text.Length;
            if (left < 0)
            {
                json.WriteBoolean("truncated", true);
                break;
            }

            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
