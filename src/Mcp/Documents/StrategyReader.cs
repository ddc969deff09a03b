using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core;
using Coxswain.Core.Intents;
using Coxswain.Core.Safety;

namespace Coxswain.Mcp.Documents;

/// <summary>Reads strategies in the format of Gthulhu, and says what each field became.</summary>
/// <remarks>Field names are taken with and without underscores and capitals: its documents and its API differ in that.</remarks>
internal sealed class StrategyReader(int ttlSeconds)
{
    private const long NsPerUs = 1000;
    private const int WorstPreemptive = 9;
    private const int WorstPriority = 20;

    private static readonly string[] s_known = ["priority", "execution_time", "selectors", "command_regex", "k8s_namespace"];

    private readonly FieldReader _fields = new();
    private readonly List<FieldNote> _notes = [];
    private readonly List<string> _notUnderstood = [];
    private readonly List<string> _labels = [];
    private List<string> _namespaces = [];
    private string _command = "";
    private SchedulingClass _class;
    private int _sliceUs;

    /// <summary>Reads all strategies.</summary>
    /// <param name="strategies">Lists of strategies by name.</param>
    /// <param name="ttlSeconds">How long they are to hold: the format has no lifetime.</param>
    /// <exception cref="DocumentException">It is no such thing.</exception>
    public static IReadOnlyList<DocumentEntry> ReadAll(JsonNode? strategies, int ttlSeconds)
    {
        if (strategies is not JsonObject lists)
        {
            throw new DocumentException("\"strategies\" must hold lists of strategies by name, e.g. {\"default\": [...]}");
        }

        var entries = new List<DocumentEntry>();
        foreach (var (name, value) in lists)
        {
            var shown = Coxswain.Core.Workloads.CommandText.Clean(name, 60);
            if (value is not JsonArray list)
            {
                throw new DocumentException($"\"strategies.{shown}\" must be a list of strategies");
            }

            for (var i = 0; i < list.Count; i++)
            {
                entries.AddRange(new StrategyReader(ttlSeconds).Read($"strategies.{shown}[{i}]", list[i]));
            }
        }

        return entries;
    }

    // The format takes several namespaces, which are a change each here.
    private IEnumerable<DocumentEntry> Read(string name, JsonNode? strategy)
    {
        if (strategy is not JsonObject fields)
        {
            return [new DocumentEntry(name) { Problem = "it is not an object with fields" }];
        }

        foreach (var (field, value) in fields)
        {
            Take(field, value);
        }

        var problem = _fields.Problems.Count > 0 ? string.Join("; ", _fields.Problems)
            : _labels.Count == 0 && _namespaces.Count == 0 && _command.Length == 0 ? "it names no pod and no process: give selectors, k8s_namespace or command_regex"
            : _class == SchedulingClass.Unset && _sliceUs == 0 ? "it sets neither a class nor a slice: give priority or execution_time"
            : "";
        var entry = new DocumentEntry(name) { Fields = _notes, NotUnderstood = _notUnderstood, Problem = problem };
        return problem.Length > 0 ? [entry]
            : _namespaces.Count == 0 ? [entry with { Request = Request("") }]
            : _namespaces.Select(space => entry with { Request = Request(space) });
    }

    private IntentRequest Request(string space) => new()
    {
        Selector = new Selector { Namespace = space, Labels = string.Join(',', _labels), Command = _command },
        Effect = new IntentEffect(_class, _sliceUs),
        TtlSeconds = ttlSeconds,
    };

    private void Take(string field, JsonNode? value)
    {
        switch (field.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant())
        {
            case "priority": TakePriority(field, value); break;
            case "executiontime": TakeExecutionTime(field, value); break;
            case "selectors" or "labelselectors": TakeSelectors(field, value); break;
            case "commandregex": TakeCommand(field, value); break;
            case "k8snamespace" or "k8snamespaces" or "namespace": TakeNamespaces(field, value); break;
            case "strategynamespace" or "creatorid" or "updaterid" or "createdtime" or "updatedtime":
                Note(field, value, "nothing: it says who keeps the strategy, not what it does");
                break;
            default: _notUnderstood.Add(Unknown(field)); break;
        }
    }

    private static string Unknown(string field)
    {
        var shown = Coxswain.Core.Workloads.CommandText.Clean(field, 60);
        var similar = NearMiss.Of(shown, s_known, most: 1);
        return similar.Count > 0 ? $"{shown}: unknown, did you mean {similar[0]}?" : $"{shown}: unknown; known are {string.Join(", ", s_known)}";
    }

    // There, 0 to 9 preempt and 10 to 20 only come sooner; true is a strategy without a number, which counts as 0.
    private void TakePriority(string field, JsonNode? value)
    {
        if (value?.GetValueKind() == JsonValueKind.False)
        {
            Note(field, value, "no class");
            return;
        }

        var isTrue = value?.GetValueKind() == JsonValueKind.True;
        if (!isTrue && (!FieldReader.TryNumber(value, out var number) || number is < 0 or > WorstPriority || !Assign(number)))
        {
            _fields.Wrong(field, value, $"true, false, or a whole number from 0 to {WorstPriority}");
            return;
        }

        _class = isTrue ? SchedulingClass.LatencyCritical : _class;
        Note(field, value, _class == SchedulingClass.LatencyCritical ? "class latency_critical" : "class high");

        bool Assign(long tier)
        {
            _class = tier <= WorstPreemptive ? SchedulingClass.LatencyCritical : SchedulingClass.High;
            return true;
        }
    }

    private void TakeExecutionTime(string field, JsonNode? value)
    {
        if (!FieldReader.TryNumber(value, out var ns) || ns < 0)
        {
            _fields.Wrong(field, value, "a time in ns, 0 or more");
            return;
        }

        _sliceUs = ns == 0 ? 0 : (int)Math.Clamp(ns / NsPerUs, IntentLimits.MinSliceUs, IntentLimits.MaxSliceUs);
        var exact = ns == _sliceUs * NsPerUs;
        Note(field, value, ns == 0 ? "no slice" : $"slice_us {_sliceUs}{(exact ? "" : ns < _sliceUs * NsPerUs ? ", the shortest" : _sliceUs == IntentLimits.MaxSliceUs ? ", the longest" : ", rounded")}");
    }

    private void TakeSelectors(string field, JsonNode? value)
    {
        if (value is not JsonArray list)
        {
            _fields.Wrong(field, value, "a list such as [{\"key\": \"app\", \"value\": \"upf\"}]");
            return;
        }

        foreach (var item in list)
        {
            if (item is JsonObject pair && pair.Count is 1 or 2 && pair["key"] is JsonValue key && key.TryGetValue<string>(out var name) &&
                pair.All(member => member.Key is "key" or "value"))
            {
                // A number may stand where a label has digits.
                var wanted = pair["value"] is not JsonValue scalar ? "" : scalar.TryGetValue<string>(out var text) ? text : scalar.ToJsonString();
                _labels.Add(wanted.Length > 0 ? $"{name}={wanted}" : name);
            }
            else
            {
                _fields.Wrong(field, item, "a pair such as {\"key\": \"app\", \"value\": \"upf\"}");
            }
        }

        Note(field, value, _labels.Count > 0 ? $"label_selector {string.Join(',', _labels)}" : "any pod");
    }

    private void TakeCommand(string field, JsonNode? value)
    {
        _command = _fields.Text(field, value);
        Note(field, value, _command.Length > 0 ? $"command {_command}" : "any command");
    }

    private void TakeNamespaces(string field, JsonNode? value)
    {
        _namespaces = [.. _fields.Texts(field, value).Where(space => space.Length > 0).Distinct()];
        Note(field, value, _namespaces.Count switch
        {
            0 => "any namespace",
            1 => $"namespace {_namespaces[0]}",
            _ => $"a change for each of the namespaces {string.Join(", ", _namespaces)}",
        });
    }

    private void Note(string field, JsonNode? value, string became) =>
        _notes.Add(new FieldNote($"{field}={FieldReader.Show(value)}", Coxswain.Core.Workloads.CommandText.Clean(became, 400)));
}
