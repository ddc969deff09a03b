using System.CommandLine;
using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain revert</c>: the operator's way out, without any agent.</summary>
internal static class RevertCommand
{
    public static Command Create()
    {
        var ids = new Argument<string[]>("id") { Description = "Ids of changes.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All changes, whoever asked for them." };
        var mine = new Option<bool>("--mine") { Description = "Those that these commands asked for." };
        var command = RemoteCommand.Create("revert", "End changes at once. Exit code 1: something of them is left.", async (client, arguments, cancellationToken) =>
        {
            var result = await RunAsync(client, arguments.GetValue(ids) ?? [], arguments.GetValue(all), arguments.GetValue(mine), cancellationToken).ConfigureAwait(false);
            Print(result, Console.Out);
            return result.GetProperty("gone_from_kernel").GetBoolean() && !result.TryGetProperty("not_found", out _) ? ExitCode.Success : ExitCode.Refused;
        });
        command.Arguments.Add(ids);
        command.Options.Add(all);
        command.Options.Add(mine);
        return command;
    }

    /// <summary>Has changes ended.</summary>
    public static Task<JsonElement> RunAsync(DaemonClient client, string[] ids, bool all, bool mine, CancellationToken cancellationToken) => client.CallAsync(
        "revert",
        json =>
        {
            if (ids.Length > 0)
            {
                json.WriteStartArray("change_ids");
                foreach (var id in ids)
                {
                    json.WriteStringValue(id);
                }

                json.WriteEndArray();
            }

            json.WriteBoolean("all", all);
            json.WriteBoolean("mine", mine);
        },
        cancellationToken);

    /// <summary>Prints what ended.</summary>
    public static void Print(JsonElement result, TextWriter output)
    {
        foreach (var change in result.GetProperty("changes").EnumerateArray())
        {
            output.WriteLine($"{RemoteCommand.Text(change, "change_id")} {RemoteCommand.Text(change, "ended_by")} {RemoteCommand.Text(change, "ended_at")}");
        }

        if (RemoteCommand.Text(result, "not_found") is { Length: > 0 } unknown)
        {
            output.WriteLine($"unknown: {unknown}");
        }

        output.WriteLine(RemoteCommand.Text(result, "hint"));
    }
}
