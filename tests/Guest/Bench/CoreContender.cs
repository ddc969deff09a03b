using System.Text.Json;

namespace Coxswain.Guest.Bench;

/// <summary>
/// Our core without the server, in a process (<c>coxswain-guest hold</c>) that can be told to make garbage, and whose policy
/// looks at the clock at each step.
/// </summary>
internal sealed class CoreContender(string mode, bool grantsWishes) : Contender($"core_{mode}{(grantsWishes ? "_intent" : "")}", grantsWishes)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public override bool IsOurs => true;

    public override async Task<IRunning> StartAsync(BenchOptions options)
    {
        Child core = Child.Start(Environment.ProcessPath!, "hold", "--policy", Probes.TimedPolicy.Name);
        try
        {
            JsonElement attached = await LineProgram.ReadAsync(core, s_limit);
            if (attached.GetProperty("event").GetString() != "attached")
            {
                throw new GuestException($"the scheduler is not attached: {attached}");
            }
            await AskAsync(core, $"mode {mode}");
            return new Running(core, GrantsWishes);
        }
        catch
        {
            core.Dispose();
            throw;
        }
    }

    /// <summary>Tells the process to do something.</summary>
    /// <exception cref="GuestException">It could not, and says why.</exception>
    public static async Task<JsonElement> AskAsync(Child core, string request)
    {
        JsonElement answer = await LineProgram.AskAsync(core, request, s_limit);
        string problem = answer.GetProperty("problem").GetString() ?? "";
        return problem.Length == 0 ? answer : throw new GuestException($"{request}: {problem}");
    }

    private sealed class Running(Child core, bool grantsWishes) : IRunning
    {
        public Demo.Agent? Agent => null;

        public Child? Core => core;

        public async Task GrantAsync(IReadOnlyList<Wish> wishes)
        {
            foreach (Wish wish in grantsWishes ? wishes : [])
            {
                foreach (int tid in wish.Threads())
                {
                    await AskAsync(core, $"task {LineProgram.Text(tid)} {wish.Class}");
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await core.WriteLineAsync("stop");
            string state = await KernelState.WaitForAsync("disabled", s_limit);
            core.Dispose();
            if (state != "disabled")
            {
                throw new GuestException($"sched_ext is {state} after the core was stopped");
            }
        }
    }
}
