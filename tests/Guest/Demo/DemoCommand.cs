using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coxswain.Guest.Demo;

/// <summary>The main job from end to end: an agent's calls change which thread of a real kernel runs first.</summary>
internal sealed class DemoCommand
{
    private const string Class = "latency_critical";

    private readonly DemoOptions _options;
    private readonly ServiceChain _chain;
    private readonly Hogs _hogs;
    private readonly Transcript _transcript;
    private readonly List<DemoRun> _runs = [];

    private DemoCommand(DemoOptions options, ServiceChain chain, Hogs hogs, Transcript transcript)
    {
        _options = options;
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
        using ServiceChain chain = await ServiceChain.StartAsync(options.PeriodUs);
        using Hogs hogs = await Hogs.StartAsync(options.Hogs);
        transcript.Step($"Linux {KernelState.Release}, {Environment.ProcessorCount} CPUs: chain ue -> gnb -> upf and {options.Hogs} hogs run");

        var demo = new DemoCommand(options, chain, hogs, transcript);
        await demo.MeasureAsync(DemoRun.Eevdf);
        await demo.SteerAsync();

        DemoResult result = DemoReport.Summarise(KernelState.Release, options, demo._runs);
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
        JsonElement status = await agent.CallAsync("get_status", []);
        Require(ToolResult.Boolean(status, "attached"), "the scheduler is not attached");
        Require(KernelState.State == "enabled", $"the kernel says that sched_ext is {KernelState.State}, not enabled");
        await RequireClassAsync(agent, Class, false);
        await MeasureAsync(DemoRun.Coxswain);

        JsonElement change = await agent.CallAsync("prioritize_tasks", new JsonObject
        {
            ["command"] = ServiceChain.Command,
            ["class"] = Class,
            ["ttl_seconds"] = 600,
            ["reason"] = "the user plane's round trips are slow beside batch jobs",
        });
        string id = ToolResult.Text(change, "change_id");
        await RequireClassAsync(agent, Class, true);
        await MeasureAsync(DemoRun.Intent);

        await agent.CallAsync("revert", new JsonObject { ["change_ids"] = new JsonArray(id) });
        await RequireClassAsync(agent, Class, false);
        await MeasureAsync(DemoRun.Reverted);

        int? code = await agent.LeaveAsync();
        string state = await KernelState.WaitForAsync("disabled", TimeSpan.FromSeconds(10));
        _transcript.Step($"the client left: the server ended with exit code {code?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}, sched_ext is {state}");
        Require(state == "disabled", "the scheduler is still there after its server ended");
        Require(code is null or 0, "the server did not end cleanly");
    }

    /// <summary>Looks every task of the chain up again: the server reads the class back from the kernel.</summary>
    private async Task RequireClassAsync(Agent agent, string name, bool expected)
    {
        JsonElement list = await agent.CallAsync("list_tasks", new JsonObject { ["command"] = ServiceChain.Command });
        Dictionary<int, string> classes = ToolResult.ClassByPid(list);
        foreach (int pid in _chain.Pids)
        {
            Require(classes.TryGetValue(pid, out string? found), $"list_tasks does not show process {pid} of the chain");
            Require(found == name == expected, $"process {pid} of the chain has class '{found}' where '{name}' is {(expected ? "" : "not ")}expected");
        }
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
