using System.IO.Pipelines;
using System.Text.Json;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>The real server on the simulated kernel, as with --simulate, on a clock that the test sets, with as many clients as it wants.</summary>
internal sealed class SimulatedRig : IAsyncDisposable
{
    // The simulated machine leaves out what is more than half a second.
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(250);
    private const int MostTurns = 300;
    private static readonly string[] s_waiting = ["list_tasks", "list_pods", "dry_run", "get_metrics", "find_dependencies", "run_experiment"];

    private readonly ServiceProvider _services;
    private readonly List<(McpClient Client, McpServer Server, Task Running)> _sessions = [];

    private SimulatedRig()
    {
        var settings = new Settings();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(new SettingsSource(() => settings, new ToolSwitches()))
            .AddSingleton(new AuditTrail(null, Time))
            .AddSimulatedScheduler(new SchedulerOptions(), settings)
            .AddControl(settings)
            .AddToolServer().Services.BuildServiceProvider();
        Node = _services.GetRequiredService<SimulatedNode>();
    }

    public WatchedTimeProvider Time { get; } = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));

    public SimulatedNode Node { get; }

    /// <summary>Everything that is directed in the simulated kernel now: the directive of each task, without what has expired.</summary>
    public IReadOnlyDictionary<int, Directive> Directed
    {
        get
        {
            lock (Node.Gate)
            {
                Node.Follow();
                return Node.Kernel.Tasks.Select(task => (task.Pid, Directive: InForce(task))).Where(task => task.Directive != default).ToDictionary();
            }
        }
    }

    public static async Task<SimulatedRig> StartAsync()
    {
        var rig = new SimulatedRig();
        foreach (var service in rig._services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        await rig._services.GetRequiredService<SchedulerHost>().Started.WaitAsync(TestContext.Current.CancellationToken);
        return rig;
    }

    /// <summary>A client of its own, which calls itself so.</summary>
    public async Task<McpClient> ConnectAsync(string protocol, string name)
    {
        Pipe toServer = new(), toClient = new();
        var logs = _services.GetRequiredService<ILoggerFactory>();
        var server = McpServer.Create(
            new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream(), "coxswain", logs), _services.GetRequiredService<IOptions<McpServerOptions>>().Value, logs,
            _services);
        var running = server.RunAsync(CancellationToken.None);
        var client = await McpClient.CreateAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()),
            new McpClientOptions { ProtocolVersion = protocol, ClientInfo = new Implementation { Name = name, Version = "7" } },
            cancellationToken: TestContext.Current.CancellationToken);
        _sessions.Add((client, server, running));
        return client;
    }

    /// <summary>Calls a tool, and lets the time pass for which it waits.</summary>
    public async Task<CallToolResult> CallAsync(McpClient client, string tool, object? arguments = null)
    {
        var given = JsonSerializer.SerializeToElement(arguments ?? new { });
        var call = client.CallToolAsync(
            new CallToolRequestParams { Name = tool, Arguments = given.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value) },
            TestContext.Current.CancellationToken).AsTask();
        while (s_waiting.Contains(tool) && !call.IsCompleted)
        {
            var waits = Time.Waits;
            Pass(s_step);
            await Task.WhenAny(call, Task.Delay(1, TestContext.Current.CancellationToken));
            for (var i = 0; i < MostTurns && !call.IsCompleted && Time.Waits == waits; i++)
            {
                await Task.WhenAny(call, Task.Delay(1, TestContext.Current.CancellationToken));
            }
        }

        return await call;
    }

    /// <summary>Lets time pass, in which the machine runs.</summary>
    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Node.Scheduler.Snapshot();
    }

    /// <summary>All threads of pods, by namespace/name.</summary>
    public IReadOnlyList<int> ThreadsOf(params string[] pods)
    {
        var containers = Node.Pods.Read().Pods.Where(pod => pods.Contains(pod.Title)).SelectMany(pod => pod.ContainerIds).ToList();
        Assert.Equal(pods.Length, containers.Count);
        lock (Node.Gate)
        {
            Node.Follow();
            return [.. Node.Kernel.Tasks.Where(task => containers.Exists(container => Node.CgroupOf(task).Contains(container, StringComparison.Ordinal))).Select(task => task.Pid).Order()];
        }
    }

    /// <summary>The CPUs that the set of a directive has.</summary>
    public IReadOnlyList<int> CpusOf(Directive directive) => Node.Scheduler.CpuSets.Read((int)directive.CpuSet);

    public async ValueTask DisposeAsync()
    {
        foreach (var (client, server, running) in _sessions)
        {
            await client.DisposeAsync();
            await server.DisposeAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }

    private Directive InForce(SimulatedTask task)
    {
        var now = Node.Kernel.NowNs;
        var directive = (task.Directive ?? default) with { Generation = 0 };
        directive = directive.ClassExpiresNs > now ? directive : directive with { Class = default, ClassIntent = 0, ClassExpiresNs = 0, BudgetNs = 0 };
        directive = directive.SliceExpiresNs > now ? directive : directive with { SliceNs = 0, SliceIntent = 0, SliceExpiresNs = 0 };
        return directive.CpusExpiresNs > now ? directive : directive with { CpuSet = 0, CpusIntent = 0, CpusExpiresNs = 0 };
    }
}
