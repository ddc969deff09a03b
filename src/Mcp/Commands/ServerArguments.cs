using System.CommandLine;
using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Serilog.Events;

namespace Coxswain.Mcp.Commands;

/// <summary>What the commands that run a scheduler have in common on the command line.</summary>
internal sealed class ServerArguments
{
    private static readonly string[] s_logLevels = ["trace", "debug", "information", "warning", "error"];
    private static readonly SchedulerOptions s_defaults = new();

    private readonly Option<string> _policy = new Option<string>("--policy")
    {
        Description = "Policy that orders waiting tasks.",
        DefaultValueFactory = _ => s_defaults.Policy,
    }.AcceptOnlyFromAmong([.. PolicyNames.All]);

    private readonly Option<string> _mode = new Option<string>("--mode")
    {
        Description = "When user space is asked for the order of waiting tasks: assist, where its answer can change something; kernel, never; strict, for every task.",
        DefaultValueFactory = _ => "assist",
    }.AcceptOnlyFromAmong("assist", "kernel", "strict");

    private readonly Option<long> _lease = Number("--lease-us", s_defaults.LeaseNs / 1000, 0, SchedulerOptions.LeaseMaxNs / 1000,
        "How long the kernel side waits for user space's verdict on a waiting task before it goes on alone, in microseconds.");

    private readonly Option<long> _slice = Number("--slice-us", s_defaults.SliceNs / 1000, 1_000, 100_000,
        "Longest time slice, divided by the number of waiting tasks, in microseconds.");

    private readonly Option<long> _watchdog = Number("--watchdog-ms", s_defaults.WatchdogMs, 1_000, 30_000,
        "After how long without running a task the kernel removes the scheduler, in milliseconds.");

    private readonly Option<bool> _simulate = new("--simulate")
    {
        Description = "A made-up machine with pods instead of this one, no root needed; every answer says so.",
    };

    private readonly Option<string> _config = new("--config")
    {
        Description = $"Configuration: limits, protected processes, tools, prompts, audit, roles, HTTP. {SettingsFile.DefaultPath} if it is there.",
        HelpName = "PATH",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<bool> _readOnly = new("--read-only") { Description = "Offer only tools that change nothing, and refuse every change." };

    private readonly Option<bool> _gentle = new("--disable-destructive") { Description = "Offer no tool that may do harm to others than those it names." };

    private readonly Option<string> _toolsets = MakeToolsets();

    private readonly Option<string> _logFile = new("--log-file") { Description = "Also log to this file.", HelpName = "PATH", DefaultValueFactory = _ => "" };

    private readonly Option<string> _logLevel = new Option<string>("--log-level")
    {
        Description = "Least severe messages to log; logs go to standard error.",
        DefaultValueFactory = _ => "information",
    }.AcceptOnlyFromAmong(s_logLevels);

    /// <summary>Where the daemon's socket is.</summary>
    public Option<string> Socket { get; } = new("--socket")
    {
        Description = "The daemon's socket; by default what socket.path of the configuration says.",
        HelpName = "PATH",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_policy, _mode, _lease, _slice, _watchdog, _simulate, Socket, _config, _readOnly, _gentle, _toolsets, _logFile, _logLevel])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads them, and the configuration.</summary>
    /// <exception cref="SettingsException">Something in the configuration cannot be used.</exception>
    public McpOptions Read(ParseResult arguments)
    {
        var path = arguments.GetRequiredValue(_config);
        var source = new SettingsSource(
            () => SettingsFile.Read(path.Length > 0 ? path : SettingsFile.DefaultPath, required: path.Length > 0),
            new ToolSwitches
            {
                ReadOnly = arguments.GetValue(_readOnly),
                DisableDestructive = arguments.GetValue(_gentle),
                Toolsets = arguments.GetRequiredValue(_toolsets).Split(',', StringSplitOptions.RemoveEmptyEntries),
            });
        var settings = source.Read();
        if (arguments.GetRequiredValue(Socket) is { Length: > 0 } socket)
        {
            settings = settings with { Socket = settings.Socket with { Path = SettingsFile.CheckedSocket(Path.GetFullPath(socket)) } };
        }

        return new McpOptions
        {
            Settings = settings,
            Source = source,
            Simulate = arguments.GetRequiredValue(_simulate),
            Scheduler = s_defaults with
            {
                Policy = arguments.GetRequiredValue(_policy),
                Mode = Enum.Parse<AskingMode>(arguments.GetRequiredValue(_mode), ignoreCase: true),
                LeaseNs = arguments.GetRequiredValue(_lease) * 1000,
                SliceNs = arguments.GetRequiredValue(_slice) * 1000,
                WatchdogMs = (int)arguments.GetRequiredValue(_watchdog),
            },
            LogFile = arguments.GetRequiredValue(_logFile),
            LogLevel = Level(arguments.GetRequiredValue(_logLevel)),
        };
    }

    private static Option<string> MakeToolsets()
    {
        var option = new Option<string>("--toolsets")
        {
            Description = $"Offer only these sets of tools, separated by commas: {string.Join(", ", Toolsets.Names)}.",
            HelpName = "SETS",
            DefaultValueFactory = _ => "",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.Split(',').FirstOrDefault(set => !Toolsets.Names.Contains(set)) is { } wrong)
            {
                result.AddError($"--toolsets: '{wrong}' is none of {string.Join(", ", Toolsets.Names)}.");
            }
        });
        return option;
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
