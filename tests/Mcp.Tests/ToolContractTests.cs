using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>What holds for every tool, also for those to come.</summary>
public sealed class ToolContractTests : IAsyncLifetime
{
    private static readonly string[] s_readers =
        ["dry_run", "explain_task", "find_dependencies", "get_metrics", "get_status", "get_topology", "list_changes", "list_pods", "list_tasks"];

    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await ToolRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void The_tools_are_these() =>
        Assert.Equal(
            [
                "apply_strategies", "dry_run", "explain_task", "extend", "find_dependencies", "get_metrics", "get_status", "get_topology", "list_changes", "list_pods",
                "list_tasks", "prioritize_pods", "prioritize_tasks", "revert", "run_experiment", "set_affinity", "set_mode", "set_policy", "set_timeslice", "start_scheduler", "stop_scheduler",
            ],
            _rig.Tools.Select(tool => tool.Name));

    [Fact]
    public void Each_tool_has_all_four_annotations()
    {
        Assert.All(_rig.Tools, tool =>
        {
            var annotations = Assert.IsType<ToolAnnotations>(tool.Annotations);
            Assert.Equal(s_readers.Contains(tool.Name), annotations.ReadOnlyHint);
            Assert.Equal(tool.Name is "apply_strategies" or "run_experiment" or "set_affinity" or "stop_scheduler", annotations.DestructiveHint);
            Assert.Equal(tool.Name != "run_experiment", annotations.IdempotentHint);
            Assert.False(Assert.NotNull(annotations.OpenWorldHint));
        });
    }

    [Fact]
    public void Each_tool_has_a_title_and_a_description_of_bearable_length()
    {
        Assert.All(_rig.Tools, tool =>
        {
            Assert.False(string.IsNullOrWhiteSpace(tool.Title));
            Assert.InRange(tool.Description!.Length, 150, 600);
        });
    }

    [Fact]
    public void Each_argument_is_described_and_bounded()
    {
        Assert.All(_rig.Tools, tool => Assert.All(tool.InputSchema.GetProperty("properties").EnumerateObject(), argument =>
        {
            var schema = argument.Value;
            Assert.Matches("^[a-z_]+$", argument.Name);
            Assert.True(schema.GetProperty("description").GetString()!.Length > 10, argument.Name);
            AssertBounded($"{tool.Name}.{argument.Name}", schema);
        }));
    }

    [Fact]
    public void Each_duration_names_its_unit()
    {
        string[] words = ["slice", "ttl", "lease", "timeout", "duration", "in", "runtime", "interval", "over", "window", "worse"];
        Assert.All(Names(_rig.Tools), name =>
        {
            if (name.Split('_').Intersect(words).Any() && !name.EndsWith("in_kernel", StringComparison.Ordinal))
            {
                Assert.Matches("_(us|ms|seconds)$", name);
            }
        });
    }

    [Fact]
    public void Unknown_arguments_are_ruled_out_by_the_schema() =>
        Assert.All(_rig.Tools, tool => Assert.False(tool.InputSchema.GetProperty("additionalProperties").GetBoolean()));

    [Fact]
    public void Schemas_are_of_the_simple_kind_that_every_client_understands()
    {
        Assert.All(_rig.Tools, tool => Assert.All(
            tool.OutputSchema!.Value.GetProperty("properties").EnumerateObject(),
            property => Assert.True(_rig.Results[tool.Name].GetProperty("properties").TryGetProperty(property.Name, out _))));
        Assert.All(_rig.Tools.SelectMany(tool => new[] { tool.InputSchema, _rig.Results[tool.Name] }), schema =>
        {
            Assert.Equal("object", schema.GetProperty("type").GetString());
            Assert.All(Nodes(schema), node => Assert.Equal(JsonValueKind.String, node.GetProperty("type").ValueKind));
            Assert.DoesNotContain("null", schema.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain("$ref", schema.GetRawText(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_fields_of_a_guard_are_published_once_and_shown_by_an_example_elsewhere()
    {
        var guards = _rig.Tools.Where(tool => tool.InputSchema.GetProperty("properties").TryGetProperty("guard", out _)).ToDictionary(
            tool => tool.Name, tool => tool.InputSchema.GetProperty("properties").GetProperty("guard"));
        Assert.Equal(["dry_run", "prioritize_pods", "prioritize_tasks", "set_affinity", "set_timeslice"], guards.Keys.Order());
        var spelled = guards["prioritize_pods"];
        Assert.Equal(
            [("workload", "string"), ("metric", "string"), ("worse_than_us", "integer"), ("for_seconds", "integer")],
            spelled.GetProperty("properties").EnumerateObject().Select(field => (field.Name, field.Value.GetProperty("type").GetString()!)));
        Assert.Equal("worse_than_us", Assert.Single(spelled.GetProperty("required").EnumerateArray()).GetString());
        Assert.All(guards.Where(guard => guard.Key != "prioritize_pods"), guard => Assert.Equal("e.g. {worse_than_us: 5000}", guard.Value.GetProperty("description").GetString()));
    }

    [Theory]
    [InlineData("worse_than_us")]
    [InlineData("for_seconds")]
    public async Task The_bounds_of_a_guard_are_those_that_are_published(string field)
    {
        _rig.Machine.Start(10, "web");
        _rig.StartInPod(20, "upf", "free5gc", "upf-0");
        var published = _rig.Tools.Single(tool => tool.Name == "prioritize_pods").InputSchema.GetProperty("properties").GetProperty("guard").GetProperty("properties").GetProperty(field);
        var (least, most) = (published.GetProperty("minimum").GetInt32(), published.GetProperty("maximum").GetInt32());
        foreach (var (value, allowed) in ((int, bool)[])[(least - 1, false), (least, true), (most, true), (most + 1, false)])
        {
            var guard = new Dictionary<string, object> { ["workload"] = "command:^web$", ["worse_than_us"] = 5000, [field] = value };
            var result = await _rig.CallRawAsync("dry_run", new { @class = "high", pods = new[] { "upf-0" }, guard });
            Assert.True(result.IsError is true != allowed, $"{field}={value}");
        }
    }

    [Fact]
    public void Arguments_have_one_spelling_and_an_example_where_it_is_not_plain_what_to_write()
    {
        string[] free = ["namespace", "uid", "ttl_seconds", "slice_us", "pods", "pod", "pids", "command", "cgroup", "unit", "cpus", "label_selector", "guard", "plan_id", "since", "client"];
        Assert.All(_rig.Tools, tool => Assert.All(tool.InputSchema.GetProperty("properties").EnumerateObject(), argument =>
        {
            var description = argument.Value.GetProperty("description").GetString()!;
            Assert.True(!free.Contains(argument.Name) || description.Contains("e.g. ", StringComparison.Ordinal) || argument.Value.TryGetProperty("default", out _) ||
                argument.Value.TryGetProperty("properties", out _), $"{tool.Name}.{argument.Name}: {description}");
            Assert.DoesNotContain("As in those", description, StringComparison.Ordinal);
        }));
    }

    [Fact]
    public void The_list_costs_a_model_little()
    {
        var list = new ListToolsResult { Tools = [.. _rig.Tools] };
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(list, ModelContextProtocol.McpJsonUtilities.DefaultOptions).Length, 1000, 24_000);
    }

    [Fact]
    public async Task Where_there_is_nothing_results_are_what_their_schemas_say_too()
    {
        // Each result is checked against its schema on the way.
        foreach (var tool in _rig.Tools.Where(tool => tool.Annotations!.ReadOnlyHint is true && tool.Name is not ("dry_run" or "explain_task" or "find_dependencies")))
        {
            await _rig.CallAsync(tool.Name);
        }

        await _rig.CallAsync("explain_task", new { pid = 1 });
        await _rig.CallAsync("find_dependencies", new { scope = "pod", name = "nobody/" });
        Assert.Equal((0, 0, 0), (_rig.Kernel.Writes, _rig.Kernel.Removals, _rig.Kernel.Publications));
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task The_list_is_sorted_and_says_how_long_it_is_good(string protocol)
    {
        await using var rig = await ToolRig.StartAsync(protocol);
        var result = await rig.Client.ListToolsAsync(new ListToolsRequestParams(), TestContext.Current.CancellationToken);
        Assert.Equal(result.Tools.Select(tool => tool.Name).Order(StringComparer.Ordinal), result.Tools.Select(tool => tool.Name));
        Assert.Equal(TimeSpan.FromMinutes(5), result.TimeToLive);
        Assert.Equal(CacheScope.Public, result.CacheScope);
    }

    [Theory]
    [InlineData(ToolRig.Legacy)]
    [InlineData(ToolRig.Modern)]
    public async Task The_server_introduces_itself_in_both_eras(string protocol)
    {
        await using var rig = await ToolRig.StartAsync(protocol);
        Assert.Equal(protocol, rig.Client.NegotiatedProtocolVersion);
        Assert.Equal(("coxswain", "0.1.0"), (rig.Client.ServerInfo!.Name, rig.Client.ServerInfo.Version));
        Assert.NotEmpty(rig.Client.ServerInfo.Title!);
        Assert.StartsWith("data:image/svg+xml;base64,", Assert.Single(rig.Client.ServerInfo.Icons!).Source, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(rig.Client.ServerInstructions!), 300, 1024);
        Assert.True((await rig.CallAsync("get_status")).GetProperty("attached").GetBoolean());
    }

    private static void AssertBounded(string name, JsonElement schema)
    {
        switch (schema.GetProperty("type").GetString())
        {
            case "integer":
                Assert.True(schema.TryGetProperty("minimum", out _) && schema.TryGetProperty("maximum", out _), name);
                break;
            case "string":
                Assert.True(schema.TryGetProperty("maxLength", out _) || schema.TryGetProperty("enum", out _), name);
                break;
            case "array":
                Assert.True(schema.TryGetProperty("maxItems", out _) && schema.TryGetProperty("minItems", out _), name);
                break;
            case "object":
                // A document; what reads it bounds it. Its fields are published, or there is an example of them.
                Assert.True(schema.TryGetProperty("properties", out _) || schema.GetProperty("description").GetString()!.Contains('{', StringComparison.Ordinal), name);
                break;
            default:
                Assert.Equal("boolean", schema.GetProperty("type").GetString());
                break;
        }
    }

    private IEnumerable<string> Names(IEnumerable<Tool> tools) => tools
        .SelectMany(tool => Nodes(tool.InputSchema).Concat(Nodes(_rig.Results[tool.Name])))
        .Where(node => node.TryGetProperty("properties", out _))
        .SelectMany(node => node.GetProperty("properties").EnumerateObject().Select(property => property.Name));

    private static IEnumerable<JsonElement> Nodes(JsonElement schema)
    {
        yield return schema;
        var children = new List<JsonElement>();
        if (schema.TryGetProperty("properties", out var properties))
        {
            children.AddRange(properties.EnumerateObject().Select(property => property.Value));
        }

        if (schema.TryGetProperty("items", out var items))
        {
            children.Add(items);
        }

        foreach (var node in children.SelectMany(Nodes))
        {
            yield return node;
        }
    }
}
