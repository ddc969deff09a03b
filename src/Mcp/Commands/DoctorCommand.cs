using System.CommandLine;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;

namespace Coxswain.Mcp.Commands;

/// <summary><c>coxswain doctor</c>: can this machine run the scheduler, and if not, why and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of text." };
        var measure = new Option<bool>("--measure")
        {
            Description = "Also measure what the observer costs here: loads it, and only it, for about five seconds. Exit code 1 if that is not possible, too.",
        };
        var command = new Command(
            "doctor",
            "Tell whether this machine can run the scheduler, and if not, why. Without --measure it loads nothing and changes nothing. Exit code 0: it can, 1: it cannot.")
        {
            json,
            measure,
        };
        command.SetAction(arguments =>
        {
            DoctorReport report = new Doctor().Examine();
            CostFinding cost = arguments.GetValue(measure) ? CostFinding.Measure() : CostFinding.NotAsked;
            if (arguments.GetValue(json))
            {
                using Stream output = Console.OpenStandardOutput();
                DoctorOutput.WriteJson(report, cost, output);
            }
            else
            {
                DoctorOutput.WriteText(report, cost, Console.Out);
            }
            return report.Obstacle is null && (cost.Cost is not null || cost == CostFinding.NotAsked) ? ExitCode.Success : ExitCode.Refused;
        });
        return command;
    }
}

/// <summary>What was found of the observer's cost.</summary>
/// <param name="Cost">What it is; null when it was not measured.</param>
/// <param name="Problem">Why it was not measured, and what to do.</param>
internal sealed record CostFinding(ObserverCost? Cost, string Problem)
{
    /// <summary>Nobody wanted to know.</summary>
    public static CostFinding NotAsked { get; } = new(null, "Not asked for: `coxswain doctor --measure` measures it, which loads the observer for about five seconds.");

    /// <summary>Measures it on this machine.</summary>
    public static CostFinding Measure()
    {
        try
        {
            return new CostFinding(ObserverCostMeter.Measure(), "");
        }
        catch (ObserverUnavailableException exception)
        {
            return new CostFinding(null, exception.Message);
        }
    }
}
