using Coxswain.Guest;
using Coxswain.Guest.Bench;
using Coxswain.Guest.Demo;
using Coxswain.Guest.Probes;

// One program for everything that must run where the scheduler runs. A command is one line here and a file or folder of
// its own.
GuestCommand[] commands =
[
    new("demo", "measure a service chain beside CPU hogs while an MCP client steers the scheduler", DemoCommand.RunAsync),
    new("bench", "measure workloads under several schedulers, in random order", BenchCommand.RunAsync),
    new("hold", "attach the scheduler and answer questions about it on standard input", HoldProbe.RunAsync),
    new("mode", "mode and counters of the attached scheduler, read from outside", ModeProbe.RunAsync),
    new("directives", "all directives in the kernel, read from outside", DirectivesProbe.RunAsync),
    new("pod", "start or end a pod through containerd", PodProbe.RunAsync),
    new("cgroups", "all directives of cgroups in the kernel, read from outside", CgroupsProbe.RunAsync),
    new("cycles", "attach and detach many times", CyclesProbe.RunAsync),
    new("supervise", "the scheduler under supervision, with a way to make it fail", SuperviseProbe.RunAsync),
    new("verifier", "what verifying each program of the scheduler takes", VerifierProbe.RunAsync),
    new("pin", "threads that may not migrate, under changing CPU masks", PinProbe.RunAsync),
    new("ptrace", "stop one thread of a process for a while, as a debugger does", PtraceProbe.RunAsync),
    new("fuzz", "answer the scheduler with wrong verdicts", FuzzProbe.RunAsync),
    new("observe", "what the observer says of threads, and what it costs", ObserveProbe.RunAsync),
    new("observed", "what is in the maps of an observer in another process", ObservedProbe.RunAsync),
    new("collections", "what garbage collections cost under the settings it is started with", CollectionsProbe.RunAsync),
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
