using Coxswain.Guest;
using Coxswain.Guest.Demo;

// One program for everything that must run where the scheduler runs. A command is one line here and a file or folder of
// its own.
GuestCommand[] commands =
[
    new("demo", "measure a service chain beside CPU hogs while an MCP client steers the scheduler", DemoCommand.RunAsync),
];

if (commands.FirstOrDefault(c => args.Length > 0 && c.Name == args[0]) is not { } command)
{
    TextWriter output = args is ["--help" or "-h", ..] ? Console.Out : Console.Error;
    output.WriteLine("usage: coxswain-guest COMMAND [OPTIONS]      (COMMAND --help says more)");
    foreach (GuestCommand c in commands)
    {
        output.WriteLine($"  {c.Name,-16}{c.Summary}");
    }

    return output == Console.Out ? ExitCode.Worked : ExitCode.Usage;
}

try
{
    return await command.Run(args[1..]);
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync($"coxswain-guest {command.Name}: {e.Message}");
    return ExitCode.Usage;
}
catch (GuestException e)
{
    await Console.Error.WriteLineAsync($"coxswain-guest {command.Name}: {e.Message}");
    return ExitCode.Failed;
}
