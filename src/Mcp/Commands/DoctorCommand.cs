using System.CommandLine;
using System.Text.Json;
using Coxswain.Core.Kernel;

namespace Coxswain.Mcp.Commands;

/// <summary><c>coxswain doctor</c>: can this machine run the scheduler, and if not, why and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of text." };
        var command = new Command("doctor", "Tell whether this machine can run the scheduler, and if not, why. Loads nothing, changes nothing. Exit code 0: it can, 1: it cannot.")
        {
            json,
        };
        command.SetAction(arguments =>
        {
            DoctorReport report = new Doctor().Examine();
            if (arguments.GetValue(json))
            {
                PrintJson(report);
            }
            else
            {
                PrintText(report, Console.Out);
            }
            return report.Obstacle is null ? ExitCode.Success : ExitCode.Refused;
        });
        return command;
    }

    private static void PrintText(DoctorReport report, TextWriter output)
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
        output.WriteLine(report.Obstacle is { } obstacle
            ? $"The scheduler cannot run here: {obstacle.Name}."
            : "The scheduler can run here.");
    }

    private static void PrintJson(DoctorReport report)
    {
        using Stream output = Console.OpenStandardOutput();
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
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static string Name(DoctorStatus status) => status switch
    {
        DoctorStatus.Ok => "ok",
        DoctorStatus.Warning => "warning",
        _ => "failed",
    };
}
