using System.CommandLine;
using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary>What the commands that ask a running daemon have in common.</summary>
internal static class RemoteCommand
{
    /// <summary>Makes such a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="run">Asks the daemon and prints; returns the exit code.</param>
    public static Command Create(string name, string description, Func<DaemonClient, ParseResult, CancellationToken, Task<int>> run)
    {
        var socket = new Option<string>("--socket")
        {
            Description = "Where the daemon listens.",
            HelpName = "PATH",
            DefaultValueFactory = _ => DaemonClient.DefaultSocket,
        };
        var command = new Command(name, description) { socket };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            try
            {
                var client = await DaemonClient.ConnectAsync(arguments.GetRequiredValue(socket), cancellationToken).ConfigureAwait(false);
                await using (client.ConfigureAwait(false))
                {
                    return await run(client, arguments, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (DaemonException exception)
            {
                await Console.Error.WriteLineAsync($"coxswain: {exception.Message}").ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }

    /// <summary>Prints a result as it came, for programs.</summary>
    public static void PrintJson(JsonElement result, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            result.WriteTo(json);
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>A member as text; empty when it is not there.</summary>
    public static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(item => item.ToString())),
            _ => value.GetRawText(),
        }
        : "";

    /// <summary>Prints rows under a heading, each column as wide as it needs.</summary>
    public static void PrintTable(IReadOnlyList<string[]> rows, TextWriter output)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
