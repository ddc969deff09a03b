using System.Text.Json;
using Coxswain.Core;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>apply_strategies, as an agent or <c>coxswain apply</c> uses it.</summary>
public sealed class ApplyStrategiesTests : IAsyncLifetime
{
    private const string Strategies = """
        {"default":[{"priority":true,"execution_time":20000,"selectors":[{"key":"app","value":"ueransim-macvlan"}],"command_regex":"nr-gnb|nr-ue|ping"},
        {"priority":12,"selectors":[{"key":"app","value":"nobody"}]}]}
        """;

    private ToolRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await ToolRig.StartAsync();
        _rig.StartInPod(10, "nr-gnb", "free5gc", "ueransim-0", ("app", "ueransim-macvlan"));
        _rig.StartInPod(20, "sleep", "free5gc", "ueransim-1", ("app", "ueransim-macvlan"));
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Strategies_of_Gthulhu_are_applied_and_each_field_is_answered_for()
    {
        var result = await _rig.CallAsync("apply_strategies", new { strategies = JsonElement.Parse(Strategies) });

        Assert.Equal((1, 1), (result.GetProperty("applied").GetInt32(), result.GetProperty("refused").GetInt32()));
        var (applied, refused) = (result.GetProperty("entries")[0], result.GetProperty("entries")[1]);
        Assert.Equal(("applied", 2), (applied.GetProperty("outcome").GetString(), applied.GetProperty("threads").GetInt32()));
        Assert.Contains("execution_time=20000: slice_us 100, the shortest", applied.GetProperty("fields").EnumerateArray().Select(field => field.GetString()));
        Assert.Equal("refused", refused.GetProperty("outcome").GetString());
        Assert.StartsWith("no pod there meets 'app=nobody'", refused.GetProperty("problem").GetString(), StringComparison.Ordinal);
        var held = _rig.Kernel.Of(11)!.Value;
        Assert.Equal((SchedulingClass.LatencyCritical, 100_000ul), (held.Class, held.SliceNs));
        Assert.Null(_rig.Kernel.Of(20));

        var again = await _rig.CallAsync("apply_strategies", new { document = $"{{\"strategies\":{Strategies}}}" });
        Assert.Equal("renewed", again.GetProperty("entries")[0].GetProperty("outcome").GetString());
        Assert.Equal(applied.GetProperty("change_id").GetString(), again.GetProperty("entries")[0].GetProperty("change_id").GetString());
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        var result = await _rig.CallAsync("apply_strategies", new { strategies = JsonElement.Parse(Strategies), dry_run = true });
        Assert.Equal("would_apply", result.GetProperty("entries")[0].GetProperty("outcome").GetString());
        Assert.Equal((0, 2), (result.GetProperty("applied").GetInt32(), result.GetProperty("entries")[0].GetProperty("threads").GetInt32()));
        Assert.Empty(_rig.Kernel.Held);
        Assert.Equal(0, (await _rig.CallAsync("list_changes")).GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("{}", "nothing is given: give strategies, or document")]
    [InlineData("{\"document\":\"a: [\"}", "the document is no valid YAML")]
    [InlineData("{\"document\":\"x: 1\",\"strategies\":{}}", "strategies and document cannot be combined: give one of them")]
    [InlineData("{\"strategies\":5}", "'strategies'=5 must be an object")]
    public async Task What_cannot_be_read_is_refused(string arguments, string message)
    {
        var text = await _rig.RefusalAsync("apply_strategies", JsonElement.Parse(arguments));
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_can_take_back_what_it_did_and_nothing_else()
    {
        await _rig.CallAsync("apply_strategies", new { strategies = JsonElement.Parse(Strategies) });
        Assert.Equal(1, (await _rig.CallAsync("revert", new { mine = true })).GetProperty("reverted").GetInt32());
        Assert.Empty(_rig.Kernel.Held);
    }
}
