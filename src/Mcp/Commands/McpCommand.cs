using System.CommandLine;
using System.Net.Sockets;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Daemon;
using Coxswain.Mcp.Hosting;

namespace Coxswain.Mcp.Commands;

/// <summary><c>coxswain mcp</c>: MCP on standard input and output; a way to the daemon where there is one, else with the scheduler in this process.</summary>
internal static class McpCommand
{
    public static Command Create()
    {
        var common = new ServerArguments();
        var embedded = new Option<bool>("--embedded") { Description = "Run the scheduler in this process, also where a daemon serves." };
        var command = new Command(
            "mcp",
            "Serve MCP over standard input and output until the client leaves: by the daemon, if one answers at its socket (its settings hold then), else with the scheduler in this process.");
        common.AddTo(command);
        command.Options.Add(embedded);
        command.SetAction(async (arguments, _) =>
        {
            try
            {
                var options = common.Read(arguments);
                var alone = options.Simulate || arguments.GetRequiredValue(embedded);
                return alone || Connect(options.Settings.Socket) is not { } daemon
                    ? await McpHost.RunAsync(options).ConfigureAwait(false)
                    : await SocketBridge.RunAsync(daemon).ConfigureAwait(false);
            }
            catch (SettingsException exception)
            {
                await Console.Error.WriteLineAsync($"coxswain: {exception.Message}").ConfigureAwait(false);
                return ExitCode.Usage;
            }
        });
        return command;
    }

    private static Socket? Connect(SocketSettings settings)
    {
        try
        {
            return SocketFile.Connect(settings.Path);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new SettingsException(
                $"{settings.Path}: a daemon serves there, and this user may not use it. Make the user a member of its group " +
                $"(usermod -aG {(settings.Group.Length > 0 ? settings.Group : "GROUP")} USER, then log in anew), or run with --embedded as root");
        }
        catch (SocketException exception)
        {
            throw new SettingsException($"{settings.Path}: {exception.Message}; --embedded does without the daemon");
        }
    }
}
