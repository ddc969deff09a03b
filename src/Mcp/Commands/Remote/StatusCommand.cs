using System.CommandLine;
using System.Text.Json;

namespace Coxswain.Mcp.Commands.Remote;

/// <summary><c>coxswain status</c>: is the scheduler attached, and what is in force.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of text." };
        var command = RemoteCommand.Create("status", "Tell whether the scheduler is attached, and what is in force. Exit code 1: it is not attached.", async (client, arguments, cancellationToken) =>
        {
            var status = await client.CallAsync("get_status", null, cancellationToken).ConfigureAwait(false);
            if (arguments.GetValue(json))
            {
                RemoteCommand.PrintJson(status, Console.Out);
            }
            else
            {
                Print(status, Console.Out);
            }

            return status.GetProperty("attached").GetBoolean() ? ExitCode.Success : ExitCode.Refused;
        });
        command.Options.Add(json);
        return command;
    }

    /// <summary>Prints what people want to know first.</summary>
    public static void Print(JsonElement status, TextWriter output)
    {
        var kernel = status.GetProperty("kernel");
        output.WriteLine(status.GetProperty("attached").GetBoolean()
            ? $"attached since {RemoteCommand.Text(status, "attached_since")}, mode {RemoteCommand.Text(status, "mode")}, policy {RemoteCommand.Text(status, "policy")}"
            : $"not attached: {RemoteCommand.Text(status, "reason")}");
        output.WriteLine($"kernel {RemoteCommand.Text(kernel, "release")}, {RemoteCommand.Text(kernel, "cpus")} CPUs, sched_ext {RemoteCommand.Text(kernel, "sched_ext_state")}");
        output.WriteLine($"changes in force: {RemoteCommand.Text(status, "active_changes")}");
        if (status.TryGetProperty("experiments", out var experiments))
        {
            foreach (var running in experiments.EnumerateArray())
            {
                output.WriteLine(
                    $"experiment {RemoteCommand.Text(running, "experiment_id")} by {RemoteCommand.Text(running, "by")}: {ChangesCommand.Effect(running)} for " +
                    $"{RemoteCommand.Text(running, "selector")}, period {RemoteCommand.Text(running, "period")} of {RemoteCommand.Text(running, "periods")}, " +
                    $"{RemoteCommand.Text(running, "elapsed_seconds")} of {RemoteCommand.Text(running, "total_seconds")} s");
            }
        }

        var guard = status.GetProperty("guard");
        if (RemoteCommand.Text(guard, "last_change_id") is { Length: > 0 } reverted)
        {
            output.WriteLine($"last reverted by guard: {reverted} at {RemoteCommand.Text(guard, "last_at")}: {RemoteCommand.Text(guard, "last_finding")}");
        }

        if (status.TryGetProperty("last_exit", out var exit))
        {
            output.WriteLine($"last exit: {RemoteCommand.Text(exit, "reason")} {RemoteCommand.Text(exit, "message")}".TrimEnd());
        }

        if (status.TryGetProperty("state", out var state) && RemoteCommand.Text(state, "problem") is { Length: > 0 } problem)
        {
            output.WriteLine($"the state is not saved to {RemoteCommand.Text(state, "file")}: {problem}");
        }
    }
}
