using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Coxswain.Core.Supervision;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;
using Coxswain.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>The real server over pipes in memory, on a machine, a kernel and a clock that the test controls.</summary>
internal sealed class ToolRig : IAsyncDisposable
{
    /// <summary>The newest protocol, and the one before it, which still begins with a handshake.</summary>
    public const string Modern = "2026-07-28";
    public const string Legacy = "2025-11-25";

    /// <summary>Process id that stands for the server itself.</summary>
    public const int OwnPid = 99;

    // As long as the server's own looks at the clock, and how long it is waited for after each, ms.
    private static readonly TimeSpan s_longStep = TimeSpan.FromMilliseconds(250);
    private const int MostTurns = 300;

    private readonly ServiceProvider _services;
    private readonly Dictionary<string, Tool> _tools = [];
    private readonly Stream _toServer;
    private readonly Stream _fromServer;
    private McpClient? _client;
    private StreamReader? _lines;

    private ToolRig(Action? start, LogLevel logLevel, bool supervised, string auditFile, ITaskEvents? events, Func<Settings> settings)
    {
        Time = new WatchedTimeProvider(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
        Machine = new FakeMachine(Time);
        Kernel = new FakeKernel(Machine, Time);
        Machine.Start(1, "systemd");
        Machine.StartKernelThread(2, "kthreadd");
        Machine.Start(OwnPid, "coxswain");

        Audit = auditFile.Length > 0 ? new AuditFile(auditFile) : null;
        Pipe toServer = new(), toClient = new();
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(logLevel).AddProvider(Log))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<ISchedulerSettings>(Kernel)
            .AddSingleton<ITaskSource>(Machine)
            .AddSingleton<ITopologySource>(Topology)
            .AddSingleton(new SettingsSource(settings, new ToolSwitches()))
            .AddSingleton<IObserver>(_ => new Observer(() => Observed, Machine, Time))
            .AddSingleton<IPodSource>(Pods)
            .AddSingleton(new AuditTrail(Audit, Time))
            .AddSingleton(new ProtectedTasks(OwnPid, cgroupOf: Machine.ReadCgroup))
            .AddSchedulerHost(provider => provider.GetService<Supervisor>() is { } supervisor
                ? new SchedulerHost(supervisor, supervisor.Start, supervisor.Stop, provider.GetRequiredService<ILogger<SchedulerHost>>())
                : new SchedulerHost(Kernel, start ?? (() => { }), () => { }, provider.GetRequiredService<ILogger<SchedulerHost>>()))
            .AddControl(settings());
        if (supervised)
        {
            Kernel.Stop();
            services.AddSingleton(provider => new Supervisor(
                Kernel, Time, new SupervisorOptions(), new SupervisorLog(provider.GetRequiredService<ILogger<SupervisorLog>>())));
        }

        if (events is not null)
        {
            services.AddSingleton(events);
        }

        services.AddToolServer().WithStreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream());
        _services = services.BuildServiceProvider();
        (_toServer, _fromServer) = (toServer.Writer.AsStream(), toClient.Reader.AsStream());
    }

    public WatchedTimeProvider Time { get; }

    public FakeMachine Machine { get; }

    public FakeKernel Kernel { get; }

    public FakePods Pods { get; } = new();

    public FakeTopology Topology { get; } = new();

    /// <summary>What threads did, for the observer.</summary>
    public FakeObserverPort Observed { get; } = new();

    /// <summary>Runs before each step of the clock while a tool waits for it.</summary>
    public Action? WhileWaiting { get; set; }

    /// <summary>How far the clock goes in one step while a tool waits for it.</summary>
    public TimeSpan Step { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The audit file, if there is one.</summary>
    public AuditFile? Audit { get; }

    public RecordedLog Log { get; } = new();

    public McpClient Client => _client!;

    public IReadOnlyCollection<Tool> Tools => _tools.Values;

    /// <summary>The results in full, by tool; the published schemas are their outlines.</summary>
    public ResultSchemas Results => field ??= new ResultSchemas(_services.GetServices<McpServerTool>());

    public static async Task<ToolRig> StartAsync(
        string? protocol = null, Action? start = null, LogLevel logLevel = LogLevel.Information, bool supervised = false, string auditFile = "",
        ITaskEvents? events = null, Func<Settings>? settings = null, Action<McpClientOptions>? client = null)
    {
        var rig = new ToolRig(start, logLevel, supervised, auditFile, events, settings ?? (() => new Settings()));
        await rig.StartServicesAsync();
        if (start is null)
        {
            // What a test does to the kernel before that would be undone by the start.
            await rig.Service<SchedulerHost>().Started;
        }

        var options = new McpClientOptions { ProtocolVersion = protocol, ClientInfo = new Implementation { Name = "test-agent", Version = "7" } };
        client?.Invoke(options);
        rig._client = await McpClient.CreateAsync(new StreamClientTransport(rig._toServer, rig._fromServer), options, cancellationToken: TestContext.Current.CancellationToken);
        foreach (var tool in await rig._client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            rig._tools[tool.Name] = tool.ProtocolTool;
        }

        return rig;
    }

    /// <summary>The server without a client: messages are sent and read by hand.</summary>
    public static async Task<ToolRig> StartWithoutClientAsync(Func<Settings> settings, string auditFile = "")
    {
        var rig = new ToolRig(null, LogLevel.Information, supervised: false, auditFile, events: null, settings);
        await rig.StartServicesAsync();
        rig._lines = new StreamReader(rig._fromServer);
        return rig;
    }

    /// <summary>Sends a message by hand.</summary>
    public async Task SendAsync(JsonObject message)
    {
        await _toServer.WriteAsync(Encoding.UTF8.GetBytes(message.ToJsonString() + "\n"), TestContext.Current.CancellationToken);
        await _toServer.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a message by hand and reads the next one.</summary>
    public async Task<JsonObject> ExchangeAsync(JsonObject message)
    {
        await SendAsync(message);
        return JsonNode.Parse((await _lines!.ReadLineAsync(TestContext.Current.CancellationToken))!)!.AsObject();
    }

    /// <summary>Starts a process with two threads in a pod, which becomes known.</summary>
    public void StartInPod(int pid, string command, string space, string name, params (string Key, string Value)[] labels)
    {
        Machine.Start(pid, command, "worker");
        Machine.Move(pid, Pods.Start(space, name, labels));
    }

    /// <summary>Calls a tool that must succeed; each result is checked against the tool's own output schema.</summary>
    public async Task<JsonElement> CallAsync(string tool, object? arguments = null)
    {
        var result = await CallRawAsync(tool, arguments);
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        Assert.False(result.IsError is true, text);
        var structured = Assert.NotNull(result.StructuredContent);
        Assert.Empty(SchemaCheck.Problems(Results[tool], structured));
        // The outline names some of the fields only.
        Assert.DoesNotContain(
            SchemaCheck.Problems(_tools[tool].OutputSchema!.Value, structured), problem => !problem.EndsWith("is not in the schema", StringComparison.Ordinal));
        Assert.True(JsonElement.DeepEquals(structured, JsonElement.Parse(text)), "the text is not the structured result");
        return structured;
    }

    /// <summary>Calls a tool that must refuse.</summary>
    /// <returns>The text of the refusal.</returns>
    public async Task<string> RefusalAsync(string tool, object? arguments = null)
    {
        var result = await CallRawAsync(tool, arguments);
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;
        Assert.True(result.IsError is true, text);
        Assert.Null(result.StructuredContent);
        Assert.StartsWith(tool + ": ", text, StringComparison.Ordinal);
        return text;
    }

    public async Task<CallToolResult> CallRawAsync(string tool, object? arguments = null)
    {
        var given = arguments as JsonElement? ?? JsonSerializer.SerializeToElement(arguments ?? new { });
        var call = Client.CallToolAsync(
            new CallToolRequestParams { Name = tool, Arguments = given.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value) },
            TestContext.Current.CancellationToken).AsTask();
        return tool is "list_tasks" or "list_pods" or "dry_run" or "get_metrics" or "find_dependencies" or "run_experiment" ? await WhileTimePassesAsync(call) : await call;
    }

    /// <summary>Waits for what itself waits for the clock, as a measurement does.</summary>
    public async Task<TResult> WhileTimePassesAsync<TResult>(Task<TResult> task)
    {
        while (!task.IsCompleted)
        {
            WhileWaiting?.Invoke();
            var waits = Time.Waits;
            Time.Advance(Step);
            await Task.WhenAny(task, Task.Delay(1, TestContext.Current.CancellationToken));
            // What was waited for has come with a long step: on a busy machine the server must not be left behind.
            for (var i = 0; Step >= s_longStep && i < MostTurns && !task.IsCompleted && Time.Waits == waits; i++)
            {
                await Task.WhenAny(task, Task.Delay(1, TestContext.Current.CancellationToken));
            }
        }

        return await task;
    }

    /// <summary>A part of the server.</summary>
    public TService Service<TService>()
        where TService : notnull => _services.GetRequiredService<TService>();

    private async Task StartServicesAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (var service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
        Audit?.Dispose();
    }
}
