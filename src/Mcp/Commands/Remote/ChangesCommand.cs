using System.CommandLine;
using System.Text.Json;
using Coxswain.Mcp.Tools;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain changes</c>: lists what is in force, by whom and why.</summary>
internal static class ChangesCommand
{
    private const int PageSize = RowLimit.MostDetailed;

    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "Also those that have ended." };
        var json = new Option<bool>("--json") { Description = "Print a JSON list instead of text." };
        var command = RemoteCommand.Create("changes", "List the changes in force: what they set, for what, by whom and why.", async (client, arguments, cancellationToken) =>
        {
            var rows = await ReadAsync(client, arguments.GetValue(all), cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                PrintJson(rows, Console.Out);
            }
            else
            {
                Print(rows, Console.Out);
            }

            return ExitCode.Success;
        });
        command.Options.Add(all);
        command.Options.Add(json);
        return command;
    }

    /// <summary>Reads all pages, newest change first.</summary>
    public static async Task<List<JsonElement>> ReadAsync(DaemonClient client, bool includeEnded, CancellationToken cancellationToken)
    {
        var rows = new List<JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = await client.CallAsync(
                "list_changes",
                json =>
                {
                    json.WriteBoolean("include_ended", includeEnded);
                    json.WriteNumber("limit", PageSize);
                    json.WriteString("response_format", "detailed");
                    if (cursor is not null)
                    {
                        json.WriteString("cursor", cursor);
                    }
                },
                cancellationToken).ConfigureAwait(false);
            rows.AddRange(page.GetProperty("changes").EnumerateArray());
            if (RemoteCommand.Text(page, "next_cursor") is not { Length: > 0 } next)
            {
                return rows;
            }

            cursor = next;
        }
    }

    /// <summary>Prints a table.</summary>
    public static void Print(IReadOnlyList<JsonElement> rows, TextWriter output)
    {
        if (rows.Count == 0)
        {
            output.WriteLine("No change is in force.");
            return;
        }

        RemoteCommand.PrintTable(
            [["CHANGE", "STATE", "SETS", "FOR", "THREADS", "LEFT", "BY", "REASON"], .. rows.Select(row => new[]
            {
                RemoteCommand.Text(row, "change_id"), State(row), Effect(row), Names(row), RemoteCommand.Text(row, "threads"),
                RemoteCommand.Text(row, "expires_in_seconds") + " s", RemoteCommand.Text(row, "by"), RemoteCommand.Text(row, "reason"),
            })],
            output);
        foreach (var row in rows.Where(row => row.TryGetProperty("finding", out _)))
        {
            output.WriteLine($"{RemoteCommand.Text(row, "change_id")} was reverted by guard: {RemoteCommand.Text(row.GetProperty("finding"), "text")}");
        }
    }

    private static void PrintJson(IReadOnlyList<JsonElement> rows, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var row in rows)
            {
                row.WriteTo(json);
            }

            json.WriteEndArray();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static string State(JsonElement row) => RemoteCommand.Text(row, "reverted_by") is { Length: > 0 } guard ? $"by {guard}" : RemoteCommand.Text(row, "ended_by") is { Length: > 0 } cause ? cause : RemoteCommand.Text(row, "state");

    /// <summary>What a change sets.</summary>
    internal static string Effect(JsonElement row)
    {
        string[] parts =
        [
            RemoteCommand.Text(row, "class"), Labelled(row, "budget_pct", " % of a CPU"), Labelled(row, "slice_us", " µs"), Labelled(row, "cpus", "", "CPUs "),
        ];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private static string Labelled(JsonElement row, string name, string unit, string before = "") =>
        RemoteCommand.Text(row, name) is { Length: > 0 } text ? before + text + unit : "";

    /// <summary>For whom it is.</summary>
    internal static string Names(JsonElement row)
    {
        string[] parts = [RemoteCommand.Text(row, "selector"), Labelled(row, "pids", "", "pids ")];
        var named = string.Join(' ', parts.Where(part => part.Length > 0));
        return named.Length > 0 ? named : Labelled(row, "command", "", "command ");
    }
}
