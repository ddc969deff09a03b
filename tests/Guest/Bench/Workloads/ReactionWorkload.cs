using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>
/// How long a call takes until its effect is in the kernel: the result is read back from there; and how long a process that is
/// born and executes a program of a name that was asked for takes until the kernel has it. All CPUs are busy.
/// </summary>
internal sealed class ReactionWorkload : Workload
{
    private const int Calls = 20;
    private const string Name = "crew";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly Child _target;
    private readonly Hogs _hogs;

    private ReactionWorkload(Child target, Hogs hogs)
    {
        _target = target;
        _hogs = hogs;
    }

    public static async Task<Workload> StartAsync(BenchOptions options)
    {
        Child target = Child.Start("cox-wake", "--name", Name);
        try
        {
            return new ReactionWorkload(target, await Hogs.StartAsync(2 * Environment.ProcessorCount));
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        var prioritize = new List<double>();
        var revert = new List<double>();
        for (int i = 0; i <= Calls; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            JsonElement change = await running.Agent!.CallAsync("prioritize_tasks", new JsonObject
            {
                ["pids"] = new JsonArray(_target.Pid),
                ["class"] = Wish.LatencyCritical,
                ["reason"] = "benchmark",
            });
            double applied = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            begin = Stopwatch.GetTimestamp();
            await running.Agent.CallAsync("revert", new JsonObject { ["change_ids"] = new JsonArray(ToolResult.Text(change, "change_id")) });
            if (i > 0) // the first one pays for what is done once
            {
                prioritize.Add(applied);
                revert.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        }
        return
        [
            new Sample("prioritize_p50", "ms", prioritize.Order().ElementAt(Calls / 2)), new Sample("prioritize_max", "ms", prioritize.Max()),
            new Sample("revert_p50", "ms", revert.Order().ElementAt(Calls / 2)),
            .. await SpawnAsync(running.Agent!),
        ];
    }

    /// <summary>Every other of 80 processes has the name. Each looks by itself when the kernel has it.</summary>
    private static async Task<IReadOnlyList<Sample>> SpawnAsync(Agent agent)
    {
        await agent.CallAsync("prioritize_tasks", new JsonObject { ["command"] = $"^{Name}$", ["class"] = Wish.High, ["reason"] = "benchmark" });
        JsonElement spawned = await LineProgram.RunAsync(s_limit, "cox-spawn", "--wanted", Name, "--rate", "8", "--duration", "10");
        JsonElement reach = spawned.GetProperty("reach_us");
        double wanted = spawned.GetProperty("wanted").GetDouble();
        return
        [
            .. new[] { "p50", "p99", "max" }.Select(p => new Sample($"exec_to_directive_{p}", "ms", reach.GetProperty(p).GetDouble() / 1000)),
            new Sample("executed_undirected", "%", 100 * (wanted - spawned.GetProperty("reached").GetDouble()) / wanted),
        ];
    }

    public override void Dispose()
    {
        _target.Dispose();
        _hogs.Dispose();
    }
}
