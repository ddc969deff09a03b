using System.Text;
using System.Text.Json;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Mcp.Commands;
using Xunit;

namespace Coxswain.Mcp.Tests;

public sealed class DoctorOutputTests
{
    private static readonly DoctorReport s_report = new()
    {
        KernelRelease = "6.18.15-amd64",
        Checks = [new("bpf_jit", DoctorStatus.Failed, "The BPF JIT is off.", "Turn it on.")],
    };

    private static readonly CostFinding s_measured = new(new ObserverCost(1.0712, 1.041, 1.0987, 85.44, 1210.2, 15, 412_300, 231), "");

    [Fact]
    public void People_read_what_the_observer_costs_here()
    {
        var text = Text(s_measured);
        Assert.Contains("1.071 times the CPU time (1.041 to 1.099)", text, StringComparison.Ordinal);
        Assert.Contains("85 ns more for each switch with its wake-up, which takes 1210 ns without (15 pairs, in turns)", text, StringComparison.Ordinal);
        Assert.Contains("what 231 threads did in a second takes 0.41 ms", text, StringComparison.Ordinal);
        Assert.EndsWith("The scheduler cannot run here: bpf_jit.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_did_not_ask_is_told_how_to() =>
        Assert.Contains("`coxswain doctor --measure` measures it, which loads the observer for about five seconds", Text(CostFinding.NotAsked), StringComparison.Ordinal);

    [Fact]
    public void Why_it_could_not_be_measured_is_told_to_both()
    {
        var refused = new CostFinding(null, "An observer is on already.");
        Assert.Contains("Cost of the observer: An observer is on already.", Text(refused), StringComparison.Ordinal);
        var cost = Json(refused).GetProperty("observer_cost");
        Assert.False(cost.GetProperty("measured").GetBoolean());
        Assert.Equal("An observer is on already.", cost.GetProperty("problem").GetString());
    }

    [Fact]
    public void Programs_read_the_same_as_numbers()
    {
        var report = Json(s_measured);
        Assert.False(report.GetProperty("can_run").GetBoolean());
        Assert.Equal(
            """{"measured":true,"cpu_time_ratio":1.071,"cpu_time_ratio_low":1.041,"cpu_time_ratio_high":1.099,"per_switch_ns":85.4,"switch_without_ns":1210.2,"pairs":15,"roll_up_ms":0.412,"threads":231}""",
            JsonSerializer.Serialize(report.GetProperty("observer_cost")));
    }

    private static string Text(CostFinding cost)
    {
        using var output = new StringWriter { NewLine = "\n" };
        DoctorOutput.WriteText(s_report, cost, output);
        return output.ToString();
    }

    private static JsonElement Json(CostFinding cost)
    {
        using var output = new MemoryStream();
        DoctorOutput.WriteJson(s_report, cost, output);
        return JsonElement.Parse(Encoding.UTF8.GetString(output.ToArray()));
    }
}
