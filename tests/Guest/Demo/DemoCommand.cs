using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coxswain.Guest.Demo;

/// <summary>The main job from end to end: an agent's calls change which thread of a real kernel runs first.</summary>
internal sealed class DemoCommand
{
    private static readonly TimeSpan s_loadLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_loadPause = TimeSpan.FromSeconds(1);
    private readonly DemoOptions _options;
    private readonly DemoNode _node;
    private readonly ServiceChain _chain;
    private readonly Hogs _hogs;
    private readonly Transcript _transcript;
    private readonly List<DemoRun> _runs = [];

    private DemoCommand(DemoOptions options, DemoNode node, ServiceChain chain, Hogs hogs, Transcript transcript)
    {
        _options = options;
        _node = node;
        _chain = chain;
        _hogs = hogs;
        _transcript = transcript;
    }

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help" or "-h"])
        {
            Console.WriteLine(DemoOptions.Usage);
            return ExitCode.Worked;
        }

        DemoOptions options = DemoOptions.Parse(arguments);
        KernelState.RequireFree();
        var transcript = new Transcript(Console.Error);
        using NodeRuntime? runtime = options.Runtime.Length > 0 ? await NodeRuntime.StartAsync(options.Runtime, transcript) : null;
        await using DemoNode node = await ChooseNodeAsync(options, transcript);
        transcript.Step($"starting the chain and the hogs in {node.Description}");
        // The hogs come last, as nothing starts quickly beside them.
        Task preparing = node.PrepareAsync(Hogs.Home);
        using ServiceChain chain = await ServiceChain.StartAsync(options.PeriodUs, node);
        await preparing;
        using Hogs hogs = await Hogs.StartAsync(options.Hogs, node);
        transcript.Step($"Linux {KernelState.Release}, {Environment.ProcessorCount} CPUs: chain ue -> gnb -> upf and {options.Hogs} hogs run in {node.Description}");

        var demo = new DemoCommand(options, node, chain, hogs, transcript);
        await demo.MeasureAsync(DemoRun.Eevdf);
        await demo.SteerAsync();

        DemoResult result = DemoReport.Summarise(KernelState.Release, options, node, demo._runs);
        DemoReport.Print(result, Console.Out);
        if (options.Json.Length > 0)
        {
            DemoReport.WriteJson(result, options.Json);
        }

        return result.Expectation.Holds || !options.Strict ? ExitCode.Worked : ExitCode.NotAsExpected;
    }

    private async Task SteerAsync()
    {
        await using Agent agent = await Agent.ConnectAsync(
            _options.Server, _options.Policy.Length == 0 ? [] : ["--policy", _options.Policy], _transcript, _options.Verbose);
        await RequireAttachedAsync(agent);
        Require(KernelState.State == "enabled", $"the kernel says that sched_ext is {KernelState.State}, not enabled");
        await _node.RequireClassAsync(agent, _chain, false);
        await MeasureAsync(DemoRun.Coxswain);

        string id = await _node.PrioritizeAsync(agent);
        await _node.RequireClassAsync(agent, _chain, true);
        await MeasureAsync(DemoRun.Intent);

        await agent.CallAsync("revert", new JsonObject { ["change_ids"] = new JsonArray(id) });
        await _node.RequireClassAsync(agent, _chain, false);
        await MeasureAsync(DemoRun.Reverted);

        int? code = await agent.LeaveAsync();
        string state = await KernelState.WaitForAsync("disabled", TimeSpan.FromSeconds(10));
        _transcript.Step($"the client left: the server ended with exit code {code?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}, sched_ext is {state}");
        Require(state == "disabled", "the scheduler is still there after its server ended");
        Require(code is null or 0, "the server did not end cleanly");
    }

    // The server answers while it still loads the scheduler, says so, and is asked again.
    private static async Task RequireAttachedAsync(Agent agent)
    {
        var waited = Stopwatch.StartNew();
        JsonElement status = await agent.CallAsync("get_status", []);
        while (!ToolResult.Boolean(status, "attached"))
        {
            Require(waited.Elapsed < s_loadLimit, $"the scheduler is not attached after {s_loadLimit.TotalSeconds:F0} s: {status.GetRawText()}");
            await Task.Delay(s_loadPause);
            status = await agent.CallAsync("get_status", []);
        }
    }

    private static async Task<DemoNode> ChooseNodeAsync(DemoOptions options, Transcript transcript)
    {
        if (options.Node == DemoOptions.Cgroups)
        {
            return CgroupNode.Create();
        }

        (PodNode? node, string problem) = await PodNode.ConnectAsync(options.KeepsPods);
        if (node is not null)
        {
            return node;
        }

        if (options.Node == DemoOptions.Pods)
        {
            throw new GuestException(problem);
        }

        transcript.Step($"no pods here: {problem}; plain cgroups take their place, and the agent names those");
        return CgroupNode.Create();
    }

    private async Task MeasureAsync(string scheduler)
    {
        HogReading before = _hogs.Read();
        ChainWindow window = await _chain.MeasureAsync(_options.Samples, _options.Warmup);
        HogReading after = _hogs.Read();
        Require(window.Lost < window.Samples, "not one packet came back through the chain");
        _runs.Add(new DemoRun
        {
            Scheduler = scheduler,
            RoundTripUs = window.RoundTripUs,
            FromScheduleUs = window.FromScheduleUs,
            Samples = window.Samples,
            Lost = window.Lost,
            Seconds = window.Seconds,
            HogThroughput = Math.Round(after.UnitsPerSecondSince(before), 1),
            HogCpuShare = Math.Round(after.CpuShareSince(before, Environment.ProcessorCount), 4),
        });
        _transcript.Step(string.Create(
            CultureInfo.InvariantCulture,
            $"measured {scheduler}: round trip p50 {window.RoundTripUs.P50:F0} us, p99 {window.RoundTripUs.P99:F0} us, max {window.RoundTripUs.Max:F0} us; hogs {_runs[^1].HogThroughput:F0} units/s"));
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new GuestException(otherwise);
        }
    }
}
