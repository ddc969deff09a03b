using System.CommandLine;
using Coxswain.Mcp.Commands;
using Coxswain.Mcp.Commands.Remote;
using Coxswain.Mcp.Commands.Remote.Reports;
using Coxswain.Mcp.Commands.Remote.Top;

namespace Coxswain.Mcp;

/// <summary>Entry point: reads the command line and runs the command.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Coxswain: lets an LLM agent, or a person, steer the CPU scheduler of this Linux machine.");
        root.Subcommands.Add(McpCommand.Create());
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(ChangesCommand.Create());
        root.Subcommands.Add(ApplyCommand.Create());
        root.Subcommands.Add(GetCommand.Create());
        root.Subcommands.Add(RevertCommand.Create());
        root.Subcommands.Add(TopCommand.Create());
        root.Subcommands.Add(LatencyCommand.Create());
        root.Subcommands.Add(ChainsCommand.Create());
        root.Subcommands.Add(ReportCommand.Create());

        var command = root.Parse(arguments);
        if (command.Errors.Count > 0)
        {
            foreach (var error in command.Errors)
            {
                await Console.Error.WriteLineAsync($"coxswain: {error.Message}").ConfigureAwait(false);
            }

            await Console.Error.WriteLineAsync("coxswain --help, or coxswain COMMAND --help, tells what is possible.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        // Signals are the host's business: it has to detach the scheduler first.
        return await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
    }
}
