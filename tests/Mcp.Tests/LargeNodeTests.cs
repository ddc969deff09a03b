using System.Text;
using Coxswain.Mcp.Access;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>Answers stay small where there is much: 500 pods, 10,000 threads, 100 changes.</summary>
public sealed class LargeNodeTests : IAsyncLifetime
{
    private const int Pods = 500;
    private const int ThreadsPerPod = 20;
    private const int MostBytes = 10_000;
    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync(settings: () => new Configuration.Settings
        {
            Limits = Core.Safety.OperatorLimits.Default with { ConfirmAboveTasks = 1_000_000, ConfirmAbovePods = 1_000_000, MaxChangesPerMinute = 10_000 },
        });
        for (var i = 0; i < Pods; i++)
        {
            var pid = 10_000 + 100 * i;
            _rig.Machine.Start(pid, $"java-service-{i % 10}", [.. Enumerable.Range(0, ThreadsPerPod - 1).Select(n => $"GC Thread#{n}")]);
            _rig.Machine.Move(pid, _rig.Pods.Start(
                $"production-{i % 7}", $"frontend-service-7c9d8f6b5d-{i:x5}", ("app.kubernetes.io/name", $"frontend-service-{i % 10}"),
                ("app.kubernetes.io/instance", $"frontend-service-production-{i % 10}"), ("app.kubernetes.io/managed-by", "Helm"), ("tier", i % 2 == 0 ? "web" : "db")));
            _rig.Machine.Load(pid, i % 100 / 100.0, 0.01);
        }
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Answers_without_arguments_stay_below_10_KB()
    {
        for (var i = 0; i < 30; i++)
        {
            await _rig.CallAsync("set_timeslice", new { slice_us = 1000 + i, pods = new[] { $"frontend-service-7c9d8f6b5d-{i:x5}" }, reason = new string('r', 200) });
        }

        var readers = _rig.Tools.Where(tool => tool.Annotations!.ReadOnlyHint is true && !tool.InputSchema.TryGetProperty("required", out _)).Select(tool => tool.Name);
        foreach (var tool in readers.Where(tool => tool != "dry_run"))
        {
            var size = Encoding.UTF8.GetByteCount((await _rig.CallAsync(tool)).GetRawText());
            Assert.True(size <= MostBytes, $"{tool}: {size} bytes");
        }
    }

    [Fact]
    public async Task Also_changes_of_ten_thousand_threads_are_told_in_short()
    {
        var wide = new { @class = "low", label_selector = "app.kubernetes.io/managed-by=Helm" };
        foreach (var tool in new[] { "dry_run", "prioritize_pods" })
        {
            var result = await _rig.CallAsync(tool, wide);
            Assert.Equal(Pods, result.GetProperty("pods_total").GetInt32());
            var size = Encoding.UTF8.GetByteCount(result.GetRawText());
            Assert.True(size <= MostBytes, $"{tool}: {size} bytes");
        }

        Assert.Equal(Pods * ThreadsPerPod, _rig.Kernel.Held.Count);
    }

    [Theory]
    [InlineData("list_pods", "pods")]
    [InlineData("list_tasks", "tasks")]
    public async Task A_list_is_gone_through_page_by_page(string tool, string rows)
    {
        var seen = new HashSet<string>();
        string? cursor = null;
        var first = true;
        for (var pages = 0; (first || cursor is not null) && pages < 20; pages++)
        {
            var result = await _rig.CallAsync(tool, cursor is null ? new { limit = 100 } : new { limit = 100, cursor });
            Assert.All(result.GetProperty(rows).EnumerateArray(), row => Assert.True(seen.Add(row.GetProperty(rows == "pods" ? "name" : "pid").ToString())));
            cursor = result.TryGetProperty("next_cursor", out var next) ? next.GetString() : null;
            Assert.Equal(cursor is not null || tool == "list_tasks", result.TryGetProperty("truncated_hint", out _));
            first = false;
        }

        Assert.Equal(tool == "list_pods" ? Pods : 2000, seen.Count);
    }

    [Fact]
    public void The_tools_belong_to_sets() =>
        Assert.Equal(
            [Toolset.Observe, Toolset.Control, Toolset.Admin],
            new[] { "get_status", "revert", "set_mode" }.Select(name => Toolsets.Of(_rig.Tools.Single(tool => tool.Name == name))));
}
