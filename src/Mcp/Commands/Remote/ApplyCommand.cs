using System.CommandLine;
using System.Text.Json;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Documents;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain apply -f FILE</c>: applies a document of strategies or changes.</summary>
internal static class ApplyCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--filename", "-f") { Description = "Document in JSON or YAML; - for standard input.", HelpName = "FILE", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what it would do, and change nothing." };
        var ttl = new Option<int>("--ttl-seconds")
        {
            Description = $"Lifetime of entries that have none. 1 to {IntentLimits.MaxTtlSeconds}.",
            HelpName = "N",
            DefaultValueFactory = _ => IntentLimits.DefaultTtlSeconds,
        };
        var replace = new Option<bool>("--replace") { Description = "Put it before changes of other clients for the same pods." };
        var confirm = new Option<bool>("--confirm") { Description = "Also what covers so much that it has to be confirmed." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of text." };
        var command = RemoteCommand.Create(
            "apply", "Apply strategies of Gthulhu, or changes as get writes them, through a running daemon. Exit code 1: an entry was refused.",
            async (client, arguments, cancellationToken) =>
            {
                var result = await RunAsync(
                    client, await ReadAsync(arguments.GetRequiredValue(file), cancellationToken).ConfigureAwait(false), arguments.GetValue(dryRun),
                    arguments.GetValue(ttl), arguments.GetValue(replace), arguments.GetValue(confirm), cancellationToken).ConfigureAwait(false);
                if (arguments.GetValue(json))
                {
                    RemoteCommand.PrintJson(result, Console.Out);
                }
                else
                {
                    Print(result, Console.Out);
                }

                return result.GetProperty("refused").GetInt32() == 0 ? ExitCode.Success : ExitCode.Refused;
            });
        command.Options.Add(file);
        command.Options.Add(dryRun);
        command.Options.Add(ttl);
        command.Options.Add(replace);
        command.Options.Add(confirm);
        command.Options.Add(json);
        return command;
    }

    /// <summary>Has a document applied.</summary>
    public static Task<JsonElement> RunAsync(
        DaemonClient client, string document, bool dryRun, int ttlSeconds, bool replace, bool confirm, CancellationToken cancellationToken) =>
        client.CallAsync(
            "apply_strategies",
            json =>
            {
                json.WriteString("document", document);
                json.WriteBoolean("dry_run", dryRun);
                json.WriteNumber("ttl_seconds", ttlSeconds);
                json.WriteString("on_conflict", replace ? "replace" : "refuse");
                json.WriteBoolean("confirm", confirm);
            },
            cancellationToken);

    /// <summary>Prints what became of each entry.</summary>
    public static void Print(JsonElement result, TextWriter output)
    {
        foreach (var entry in result.GetProperty("entries").EnumerateArray())
        {
            var id = RemoteCommand.Text(entry, "change_id");
            output.WriteLine($"{RemoteCommand.Text(entry, "name")}: {RemoteCommand.Text(entry, "outcome")}{(id.Length > 0 ? " " + id : "")}");
            foreach (var (label, name) in s_shown)
            {
                if (RemoteCommand.Text(entry, name) is { Length: > 0 } text)
                {
                    output.WriteLine($"  {label}: {text}");
                }
            }

            foreach (var name in new[] { "fields", "not_understood" })
            {
                foreach (var note in entry.TryGetProperty(name, out var notes) ? notes.EnumerateArray() : [])
                {
                    output.WriteLine($"  {(name == "fields" ? "" : "not understood: ")}{note.GetString()}");
                }
            }
        }

        output.WriteLine(RemoteCommand.Text(result, "hint"));
    }

    private static readonly (string Label, string Name)[] s_shown =
        [("names", "selector"), ("threads", "threads"), ("pods", "pods"), ("ends at", "expires_at"), ("refused", "problem")];

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (file == "-")
            {
                return await Console.In.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            }

            return new FileInfo(file).Length <= 4L * DocumentText.MaxLength
                ? await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)
                : throw new DaemonException($"{file}: it is larger than {DocumentText.MaxLength} characters");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DaemonException($"{file}: {exception.Message}");
        }
    }
}
