using System.CommandLine;
using Coxswain.ConformanceHost;
using Coxswain.Mcp.Commands;

// The daemon itself, with all that stands between a client and a tool, and beside its tools those that the protocol's
// conformance suite asks for. The program that users get has none of them.
var root = new RootCommand("coxswain serve with what the protocol's conformance suite asks for; for tests only.");
root.Subcommands.Add(ServeCommand.Create(Fixtures.AddTo));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
