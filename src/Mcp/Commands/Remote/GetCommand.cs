using System.CommandLine;
using Coxswain.Mcp.Documents;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain get</c>: writes the changes in force as a document that <c>coxswain apply</c> takes.</summary>
internal static class GetCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--output", "-o") { Description = "yaml or json.", DefaultValueFactory = _ => "yaml" }.AcceptOnlyFromAmong("yaml", "json");
        var command = RemoteCommand.Create(
            "get", "Write the changes in force, whoever asked for them, as a document that apply takes.",
            async (client, arguments, cancellationToken) =>
            {
                await Console.Out.WriteAsync(await RunAsync(client, arguments.GetRequiredValue(format), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
                return ExitCode.Success;
            });
        command.Options.Add(format);
        return command;
    }

    /// <summary>Makes the document.</summary>
    public static async Task<string> RunAsync(DaemonClient client, string format, CancellationToken cancellationToken)
    {
        var rows = await ChangesCommand.ReadAsync(client, includeEnded: false, cancellationToken).ConfigureAwait(false);
        // Oldest first: of two as specific ones the newer wins, and so it does when they are applied again.
        rows.Reverse();
        return format == "json" ? ChangeWriter.Json(rows) : ChangeWriter.Yaml(rows);
    }
}
