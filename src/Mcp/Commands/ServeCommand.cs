using System.CommandLine;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Coxswain.Mcp.Commands;

/// <summary><c>coxswain serve</c>: the daemon, with the scheduler and MCP for many clients.</summary>
internal static class ServeCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="additions">Adds to what the server offers; null for nothing.</param>
    public static Command Create(Action<IMcpServerBuilder>? additions = null)
    {
        var common = new ServerArguments();
        var http = new Option<string>("--http")
        {
            Description = "Also serve MCP over HTTP there, at /mcp, e.g. 127.0.0.1:7400; by default what http.listen of the configuration says.",
            HelpName = "ADDRESS:PORT",
            DefaultValueFactory = _ => "",
        };
        http.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && HttpSurface.ParseListen(token.Value) is null)
            {
                result.AddError($"--http {token.Value}: must be an address and a port, e.g. 127.0.0.1:7400.");
            }
        });
        var command = new Command("serve", "Load the scheduler and serve MCP to many clients, on a Unix socket and, if wanted, over HTTP, until a signal comes.");
        common.AddTo(command);
        command.Options.Add(http);
        command.SetAction(async (arguments, _) =>
        {
            try
            {
                var options = common.Read(arguments) with { Additions = additions };
                if (arguments.GetRequiredValue(http) is { Length: > 0 } listen)
                {
                    options = options with { Settings = options.Settings with { Http = options.Settings.Http with { Listen = HttpSurface.ParseListen(listen) } } };
                }

                return await DaemonHost.RunAsync(options).ConfigureAwait(false);
            }
            catch (SettingsException exception)
            {
                await Console.Error.WriteLineAsync($"coxswain: {exception.Message}").ConfigureAwait(false);
                return ExitCode.Usage;
            }
        });
        return command;
    }
}
