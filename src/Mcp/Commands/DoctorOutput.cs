using System.Globalization;
using System.Text.Json;
using Coxswain.Core.Kernel;

namespace Coxswain.Mcp.Commands;

/// <summary>How the doctor's findings are written.</summary>
internal static class DoctorOutput
{
    /// <summary>For people.</summary>
    public static void WriteText(DoctorReport report, CostFinding cost, TextWriter output)
    {
        foreach (DoctorCheck check in report.Checks)
        {
            output.WriteLine($"{Name(check.Status),-8}{check.Name,-18}{check.Detail}");
            if (check.Status != DoctorStatus.Ok && check.Fix.Length > 0)
            {
                output.WriteLine($"{"",-26}-> {check.Fix}");
            }
        }
        if (report.Branches.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("Kernel functions that would be used:");
            foreach ((string purpose, string function) in report.Branches)
            {
                output.WriteLine($"  {purpose,-16}{function}");
            }
        }
        if (report.AbsentMembers.Count > 0)
        {
            output.WriteLine($"Left out, as this kernel does not have it: {string.Join(", ", report.AbsentMembers)}");
        }
        output.WriteLine();
        output.WriteLine($"Cost of the observer: {Describe(cost)}");
        output.WriteLine();
        output.WriteLine(report.Obstacle is { } obstacle
            ? $"The scheduler cannot run here: {obstacle.Name}."
            : "The scheduler can run here.");
    }

    /// <summary>For programs.</summary>
    public static void WriteJson(DoctorReport report, CostFinding cost, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("can_run", report.Obstacle is null);
            json.WriteString("kernel", report.KernelRelease);
            json.WriteStartArray("checks");
            foreach (DoctorCheck check in report.Checks)
            {
                json.WriteStartObject();
                json.WriteString("name", check.Name);
                json.WriteString("status", Name(check.Status));
                json.WriteString("detail", check.Detail);
                json.WriteString("fix", check.Fix);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("branches");
            foreach ((string purpose, string function) in report.Branches)
            {
                json.WriteString(purpose, function);
            }
            json.WriteEndObject();
            json.WriteStartArray("absent_members");
            foreach (string member in report.AbsentMembers)
            {
                json.WriteStringValue(member);
            }
            json.WriteEndArray();
            WriteCost(json, cost);
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static string Describe(CostFinding finding) => finding.Cost is not { } cost ? finding.Problem : string.Create(
        CultureInfo.InvariantCulture,
        $"""
        a ping-pong of two threads takes {cost.Ratio:0.000} times the CPU time ({cost.RatioLow:0.000} to {cost.RatioHigh:0.000}),
          {cost.NsPerSwitch:0} ns more for each switch with its wake-up, which takes {cost.SwitchNs:0} ns without ({cost.Pairs} pairs, in turns).
          Reading what {cost.Threads} threads did in a second takes {cost.RollUpNs / 1e6:0.00} ms. It is off until somebody asks.
        """);

    private static void WriteCost(Utf8JsonWriter json, CostFinding finding)
    {
        json.WriteStartObject("observer_cost");
        json.WriteBoolean("measured", finding.Cost is not null);
        if (finding.Cost is { } cost)
        {
            json.WriteNumber("cpu_time_ratio", Math.Round(cost.Ratio, 3));
            json.WriteNumber("cpu_time_ratio_low", Math.Round(cost.RatioLow, 3));
            json.WriteNumber("cpu_time_ratio_high", Math.Round(cost.RatioHigh, 3));
            json.WriteNumber("per_switch_ns", Math.Round(cost.NsPerSwitch, 1));
            json.WriteNumber("switch_without_ns", Math.Round(cost.SwitchNs, 1));
            json.WriteNumber("pairs", cost.Pairs);
            json.WriteNumber("roll_up_ms", Math.Round(cost.RollUpNs / 1e6, 3));
            json.WriteNumber("threads", cost.Threads);
        }
        else
        {
            json.WriteString("problem", finding.Problem);
        }
        json.WriteEndObject();
    }

    private static string Name(DoctorStatus status) => status switch
    {
        DoctorStatus.Ok => "ok",
        DoctorStatus.Warning => "warning",
        _ => "failed",
    };
}
