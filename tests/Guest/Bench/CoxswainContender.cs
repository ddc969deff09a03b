using System.Text.Json.Nodes;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>Our scheduler, loaded by our server and told by an MCP client what is wished for.</summary>
internal sealed class CoxswainContender(string mode, bool grantsWishes) : Contender($"coxswain_{mode}{(grantsWishes ? "_intent" : "")}", grantsWishes)
{
    public override bool IsOurs => true;

    public override async Task<IRunning> StartAsync(BenchOptions options)
    {
        Agent agent = await Agent.ConnectAsync("coxswain", ["--mode", mode], new Transcript(options.IsVerbose ? Console.Error : TextWriter.Null), options.IsVerbose);
        if (!ToolResult.Boolean(await agent.CallAsync("get_status", []), "attached"))
        {
            await agent.DisposeAsync();
            throw new GuestException("the scheduler is not attached");
        }
        return new Running(agent, GrantsWishes);
    }

    private sealed class Running(Agent agent, bool grantsWishes) : IRunning
    {
        public Agent? Agent => agent;

        public Child? Core => null;

        public async Task GrantAsync(IReadOnlyList<Wish> wishes)
        {
            foreach (Wish wish in grantsWishes ? wishes : [])
            {
                var arguments = new JsonObject { ["class"] = wish.Class, ["reason"] = "benchmark" };
                if (wish.Cgroup.Length > 0)
                {
                    arguments["cgroup"] = wish.Cgroup;
                }
                else
                {
                    arguments["pids"] = new JsonArray([.. wish.Pids.Select(pid => (JsonNode)pid)]);
                }
                await agent.CallAsync("prioritize_tasks", arguments);
            }
            if (grantsWishes)
            {
                // A change switches the observer on. It stays on, but loading it takes a second that is no part of what is measured.
                await agent.CallAsync("get_metrics", new JsonObject { ["window_seconds"] = 1 });
            }
        }

        public async ValueTask DisposeAsync()
        {
            await agent.LeaveAsync();
            if (await KernelState.WaitForAsync("disabled", TimeSpan.FromSeconds(10)) is var state and not "disabled")
            {
                throw new GuestException($"sched_ext is {state} after the server ended");
            }
        }
    }
}
