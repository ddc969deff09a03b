using System.CommandLine;
using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Serilog.Events;

namespace Coxswain.Mcp.Commands;

/// <summary><c>coxswain mcp</c>: the scheduler, and an MCP server on standard input and output, in this process.</summary>
internal static class McpCommand
{
    private static readonly string[] s_logLevels = ["trace", "debug", "information", "warning", "error"];

    public static Command Create()
    {
        var defaults = new SchedulerOptions();
        var policy = new Option<string>("--policy")
        {
            Description = "Policy that orders waiting tasks.",
            DefaultValueFactory = _ => defaults.Policy,
        }.AcceptOnlyFromAmong([.. PolicyNames.All]);
        var mode = new Option<string>("--mode")
        {
            Description = "When user space is asked for the order of waiting tasks: assist, where its answer can change something; kernel, never; strict, for every task.",
            DefaultValueFactory = _ => "assist",
        }.AcceptOnlyFromAmong("assist", "kernel", "strict");
        var lease = Number("--lease-us", defaults.LeaseNs / 1000, 0, SchedulerOptions.LeaseMaxNs / 1000,
            "How long the kernel side waits for user space's verdict on a waiting task before it goes on alone, in microseconds.");
        var slice = Number("--slice-us", defaults.SliceNs / 1000, 1_000, 100_000,
            "Longest time slice, divided by the number of waiting tasks, in microseconds.");
        var watchdog = Number("--watchdog-ms", defaults.WatchdogMs, 1_000, 30_000,
            "After how long without running a task the kernel removes the scheduler, in milliseconds.");
        var logFile = new Option<string>("--log-file") { Description = "Also log to this file.", HelpName = "PATH", DefaultValueFactory = _ => "" };
        var config = new Option<string>("--config")
        {
            Description = $"Configuration: limits, protected processes, tools, prompts, audit. {SettingsFile.DefaultPath} if it is there.",
            HelpName = "PATH",
            DefaultValueFactory = _ => "",
        };
        var readOnly = new Option<bool>("--read-only") { Description = "Offer only tools that change nothing, and refuse every change." };
        var gentle = new Option<bool>("--disable-destructive") { Description = "Offer no tool that may do harm to others than those it names." };
        var toolsets = new Option<string>("--toolsets")
        {
            Description = $"Offer only these sets of tools, separated by commas: {string.Join(", ", Toolsets.Names)}.",
            HelpName = "SETS",
            DefaultValueFactory = _ => "",
        };
        toolsets.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Split(',').FirstOrDefault(set => !Toolsets.Names.Contains(set)) is { } wrong)
            {
                result.AddError($"--toolsets: '{wrong}' is none of {string.Join(", ", Toolsets.Names)}.");
            }
        });
        var logLevel = new Option<string>("--log-level")
        {
            Description = "Least severe messages to log; logs go to standard error.",
            DefaultValueFactory = _ => "information",
        }.AcceptOnlyFromAmong(s_logLevels);

        var command = new Command("mcp", "Load the scheduler and serve MCP over standard input and output until the client leaves.")
        {
            policy, mode, lease, slice, watchdog, config, readOnly, gentle, toolsets, logFile, logLevel,
        };
        command.SetAction(async (arguments, _) =>
        {
            var path = arguments.GetRequiredValue(config);
            var source = new SettingsSource(
                () => SettingsFile.Read(path.Length > 0 ? path : SettingsFile.DefaultPath, required: path.Length > 0),
                new ToolSwitches
                {
                    ReadOnly = arguments.GetValue(readOnly),
                    DisableDestructive = arguments.GetValue(gentle),
                    Toolsets = arguments.GetRequiredValue(toolsets).Split(',', StringSplitOptions.RemoveEmptyEntries),
                });
            Settings settings;
            try
            {
                settings = source.Read();
            }
            catch (SettingsException exception)
            {
                await Console.Error.WriteLineAsync($"coxswain: {exception.Message}").ConfigureAwait(false);
                return ExitCode.Usage;
            }

            return await McpHost.RunAsync(Options(arguments, settings) with { Source = source }).ConfigureAwait(false);
        });
        return command;

        McpOptions Options(ParseResult arguments, Settings settings) => new()
        {
            Settings = settings,
            Scheduler = defaults with
            {
                Policy = arguments.GetRequiredValue(policy),
                Mode = Enum.Parse<AskingMode>(arguments.GetRequiredValue(mode), ignoreCase: true),
                LeaseNs = arguments.GetRequiredValue(lease) * 1000,
                SliceNs = arguments.GetRequiredValue(slice) * 1000,
                WatchdogMs = (int)arguments.GetRequiredValue(watchdog),
            },
            LogFile = arguments.GetRequiredValue(logFile),
            LogLevel = Level(arguments.GetRequiredValue(logLevel)),
        };
    }

    private static Option<long> Number(string name, long value, long least, long most, string description)
    {
        var option = new Option<long>(name)
        {
            Description = $"{description} {least} to {most}.",
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!long.TryParse(token.Value, out var given) || given < least || given > most))
            {
                result.AddError($"{name} {token.Value}: must be a whole number from {least} to {most}.");
            }
        });
        return option;
    }

    private static LogEventLevel Level(string name) => name switch
    {
        "trace" => LogEventLevel.Verbose,
        "debug" => LogEventLevel.Debug,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
