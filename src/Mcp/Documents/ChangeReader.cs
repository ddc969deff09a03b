using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads changes in the format that <c>coxswain get</c> writes: the arguments of the tools, one entry per change.</summary>
/// <remarks>What it does not know it refuses: a change with a typing error would otherwise be another one.</remarks>
internal sealed class ChangeReader(int ttlSeconds)
{
    private static readonly string[] s_known =
    [
        "class", "slice_us", "budget_pct", "cpus", "hard", "namespace", "label_selector", "pods", "command", "cgroup", "unit", "uid", "pids",
        "ttl_seconds", "until_pods_end", "guard", "reason",
    ];

    private readonly FieldReader _fields = new();
    private readonly List<string> _unknown = [];
    private Selector _selector = new();
    private IntentEffect _effect;
    private IntentRequest _request = new() { Selector = new(), Effect = default, TtlSeconds = ttlSeconds };
    private string _cpus = "";
    private bool _hard = true;

    /// <summary>Reads all changes.</summary>
    /// <param name="changes">A list of changes.</param>
    /// <param name="ttlSeconds">How long those are to hold that say nothing of it.</param>
    /// <exception cref="DocumentException">It is no list.</exception>
    public static IReadOnlyList<DocumentEntry> ReadAll(JsonNode? changes, int ttlSeconds) => changes is JsonArray list
        ? [.. list.Select((change, i) => new ChangeReader(ttlSeconds).Read($"changes[{i}]", change))]
        : throw new DocumentException("\"changes\" must be a list");

    /// <summary>Reads one change.</summary>
    /// <param name="name">What it is called in problems.</param>
    /// <param name="change">The change.</param>
    /// <param name="ttlSeconds">How long it is to hold if it says nothing of it.</param>
    public static DocumentEntry ReadOne(string name, JsonNode? change, int ttlSeconds) => new ChangeReader(ttlSeconds).Read(name, change);

    private DocumentEntry Read(string name, JsonNode? change)
    {
        if (change is not JsonObject fields)
        {
            return new DocumentEntry(name) { Problem = "it is not an object with fields" };
        }

        foreach (var (field, value) in fields)
        {
            Take(field, value);
        }

        if (_cpus.Length > 0)
        {
            var cpus = CpuChoice.TryParse(_cpus, _hard);
            if (cpus is null)
            {
                _fields.Wrong("cpus", _cpus, "a list such as \"4-7\" or \"0,2\", with the smaller number first");
            }

            _effect = _effect with { Cpus = cpus };
        }

        var problems = _unknown.Concat(_fields.Problems).ToList();
        return problems.Count > 0
            ? new DocumentEntry(name) { NotUnderstood = _unknown, Problem = string.Join("; ", problems) }
            : new DocumentEntry(name) { Request = _request with { Selector = _selector, Effect = _effect } };
    }

    private void Take(string field, JsonNode? value)
    {
        switch (field)
        {
            case "class": _effect = _effect with { Class = Class(value) }; break;
            case "slice_us": _effect = _effect with { SliceUs = Number(field, value, IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs) }; break;
            case "budget_pct": _effect = _effect with { BudgetPercent = Number(field, value, 1, IntentLimits.MaxBudgetPercent) }; break;
            case "cpus": _cpus = FieldReader.TryNumber(value, out var cpu) ? cpu.ToString(System.Globalization.CultureInfo.InvariantCulture) : _fields.Text(field, value); break;
            case "hard": _hard = _fields.Truth(field, value); break;
            case "namespace": _selector = With(namespaceName: _fields.Text(field, value)); break;
            case "label_selector": _selector = With(labels: _fields.Text(field, value)); break;
            case "pods": _selector = With(pods: _fields.Texts(field, value)); break;
            case "command": _selector = With(command: _fields.Text(field, value)); break;
            case "cgroup": _selector = With(cgroup: _fields.Text(field, value)); break;
            case "unit": _selector = With(unit: _fields.Text(field, value)); break;
            case "uid": _selector = With(uid: Number(field, value, 0, int.MaxValue)); break;
            case "pids": _selector = With(pids: Pids(field, value)); break;
            case "ttl_seconds": _request = _request with { TtlSeconds = Number(field, value, IntentLimits.MinTtlSeconds, IntentLimits.MaxTtlSeconds) }; break;
            case "until_pods_end": _request = _request with { UntilPodsEnd = _fields.Truth(field, value) }; break;
            case "guard": _request = _request with { Guard = GuardReader.Read(value, _fields) }; break;
            case "reason": _request = _request with { Reason = _fields.Text(field, value) }; break;
            default: _unknown.Add(Unknown(field)); break;
        }
    }

    private static string Unknown(string field)
    {
        var shown = CommandText.Clean(field, 60);
        var similar = NearMiss.Of(shown, s_known, most: 1);
        return similar.Count > 0 ? $"unknown field '{shown}', did you mean '{similar[0]}'?" : $"unknown field '{shown}'; known are {string.Join(", ", s_known)}";
    }

    private Selector With(
        string? namespaceName = null, string? labels = null, List<string>? pods = null, string? command = null, string? cgroup = null,
        string? unit = null, int? uid = null, List<int>? pids = null) => new()
        {
            Namespace = namespaceName ?? _selector.Namespace,
            Labels = labels ?? _selector.Labels,
            PodNames = pods ?? _selector.PodNames,
            Command = command ?? _selector.Command,
            Cgroup = cgroup ?? _selector.Cgroup,
            Unit = unit ?? _selector.Unit,
            Uid = uid ?? _selector.Uid,
            Pids = pids ?? _selector.Pids,
        };

    private int Number(string field, JsonNode? value, int least, int most) => (int)_fields.Number(field, value, least, most);

    private List<int> Pids(string field, JsonNode? value) => value is JsonArray list
        ? [.. list.Select(item => Number(field, item, 1, IntentLimits.MaxPid))]
        : [Number(field, value, 1, IntentLimits.MaxPid)];

    private SchedulingClass Class(JsonNode? value)
    {
        var name = _fields.Text("class", value);
        foreach (var known in Enum.GetValues<SchedulingClass>().Where(known => known != SchedulingClass.Unset))
        {
            if (Wire.ClassName(known) == name)
            {
                return known;
            }
        }

        if (name.Length > 0)
        {
            _fields.Wrong("class", value, "background, low, normal, high or latency_critical");
        }

        return SchedulingClass.Unset;
    }
}
