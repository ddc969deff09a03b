using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Kernel;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;
using Coxswain.Core.Supervision;
using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Cri;
using Coxswain.Core.Workloads.Kubernetes;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Audit;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>Puts the parts of the core together.</summary>
internal static class CoreServices
{
    /// <summary>How long list_tasks watches threads to tell what they use.</summary>
    private static readonly TimeSpan s_sampleWindow = TimeSpan.FromMilliseconds(250);

    /// <summary>Adds the scheduler of the running kernel.</summary>
    public static IServiceCollection AddScheduler(this IServiceCollection services, SchedulerOptions options)
    {
        services.AddSingleton(_ => new Scheduler(options));
        services.AddSingleton<TaskEvents>();
        services.AddSingleton<ITaskEvents>(provider => provider.GetRequiredService<TaskEvents>());
        services.AddSingleton<ISchedulerSettings>(provider => provider.GetRequiredService<Scheduler>());
        services.AddSingleton<ISupervisorObserver, SupervisorLog>();
        services.AddSingleton(provider => new Supervisor(
            provider.GetRequiredService<Scheduler>(), TimeProvider.System, Supervision(options), provider.GetRequiredService<ISupervisorObserver>()));
        return services.AddSchedulerHost(provider =>
        {
            var supervisor = provider.GetRequiredService<Supervisor>();
            var events = provider.GetRequiredService<TaskEvents>();
            return new SchedulerHost(
                supervisor,
                () =>
                {
                    supervisor.Start();
                    events.Start();
                },
                supervisor.Stop,
                provider.GetRequiredService<ILogger<SchedulerHost>>());
        });
    }

    // The watchdog takes up to one and a half times its time to notice, and the supervisor a moment more.
    private static SupervisorOptions Supervision(SchedulerOptions options)
    {
        var defaults = new SupervisorOptions();
        var least = TimeSpan.FromMilliseconds(2 * options.WatchdogMs);
        return defaults with { SuspectAge = defaults.SuspectAge > least ? defaults.SuspectAge : least };
    }

    private static IPodSource PodSource(Settings settings)
    {
        var runtime = new CriPodSource(settings.RuntimeSockets);
        return KubernetesAccount.Find(settings.Kubernetes, Environment.GetEnvironmentVariable) is { } access
            ? new JoinedPodSource(runtime, new KubernetesPodSource(access))
            : runtime;
    }

    private static string BootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // then nothing that names processes by id returns after a restart
        }
    }

    /// <summary>Adds a made-up machine with a scheduler of its own.</summary>
    public static IServiceCollection AddSimulatedScheduler(this IServiceCollection services, SchedulerOptions options, Settings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider =>
        {
            var node = SampleNode.Create(
                provider.GetRequiredService<TimeProvider>(),
                new SimulationOptions { Mode = options.Mode, LeaseNs = options.LeaseNs, SliceNs = options.SliceNs });
            node.Scheduler.SetPolicy(options.Policy);
            return node;
        });
        services.AddSingleton<ISchedulerSettings>(provider => provider.GetRequiredService<SimulatedNode>().Scheduler);
        services.AddSingleton<ITaskSource>(provider => provider.GetRequiredService<SimulatedNode>());
        services.AddSingleton<IPodSource>(provider => provider.GetRequiredService<SimulatedNode>().Pods);
        services.AddSingleton<IObserver>(provider => provider.GetRequiredService<SimulatedNode>().CreateObserver());
        services.AddSingleton<ITopologySource>(provider => new SimulatedTopology(provider.GetRequiredService<SimulatedNode>().Cpus));
        services.AddSingleton(provider =>
        {
            var node = provider.GetRequiredService<SimulatedNode>();
            return new ProtectedTasks(node.OwnPid, settings.ProtectedCommands, node.ReadCgroup);
        });
        services.AddSingleton<ISupervisorObserver, SupervisorLog>();
        services.AddSingleton(provider => new Supervisor(
            provider.GetRequiredService<SimulatedNode>().Scheduler, provider.GetRequiredService<TimeProvider>(), Supervision(options),
            provider.GetRequiredService<ISupervisorObserver>()));
        return services.AddSchedulerHost(provider =>
        {
            var supervisor = provider.GetRequiredService<Supervisor>();
            return new SchedulerHost(supervisor, supervisor.Start, supervisor.Stop, provider.GetRequiredService<ILogger<SchedulerHost>>());
        });
    }

    /// <summary>Adds a scheduler that somebody else made.</summary>
    public static IServiceCollection AddSchedulerHost(this IServiceCollection services, Func<IServiceProvider, SchedulerHost> create)
    {
        services.AddSingleton(create);
        services.AddSingleton<IScheduler>(provider => provider.GetRequiredService<SchedulerHost>());
        services.AddHostedService(provider => provider.GetRequiredService<SchedulerHost>());
        return services.AddHostedService<ModeLog>();
    }

    /// <summary>Adds what works on top of a scheduler; parts that are there already stay.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="settings">What the operator has configured; null for the defaults.</param>
    public static IServiceCollection AddControl(this IServiceCollection services, Settings? settings = null)
    {
        var configured = settings ?? new Settings();
        services.TryAddSingleton(configured);
        services.TryAddSingleton(SettingsSource.Fixed(configured));
        services.TryAddSingleton(configured.Limits);
        services.TryAddSingleton(_ => new ToolRegistry(configured.Tools));
        services.TryAddSingleton<SchedulerControl>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITopologySource>(_ => new SysTopologySource());
        services.TryAddSingleton<ITaskSource>(_ => new ProcTaskSource());
        services.TryAddSingleton<IPodSource>(_ => PodSource(configured));
        services.TryAddSingleton<PodRegistry>();
        services.TryAddSingleton(provider => new ProtectedTasks(
            Environment.ProcessId, configured.ProtectedCommands, provider.GetRequiredService<ITaskSource>().ReadCgroup, configured.RaisableCommands));
        services.TryAddSingleton(provider => new AuditTrail(null, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IntentLog>();
        services.TryAddSingleton<IIntentObserver>(provider => new IntentAudit(
            provider.GetRequiredService<AuditTrail>(), provider.GetRequiredService<IntentLog>()));
        services.TryAddSingleton(provider =>
        {
            var tools = provider.GetRequiredService<ToolRegistry>();
            var intents = new IntentService(
                provider.GetRequiredService<IScheduler>(), provider.GetRequiredService<ITaskSource>(), provider.GetRequiredService<ProtectedTasks>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IIntentObserver>(), provider.GetRequiredService<PodRegistry>(),
                events: provider.GetService<ITaskEvents>())
            {
                Limits = provider.GetRequiredService<OperatorLimits>(),
                IsReadOnly = () => tools.Switches.ReadOnly,
                OnlineCpus = provider.GetRequiredService<ITopologySource>().OnlineCpus,
                StateSink = provider.GetRequiredService<StateStore>().Sink,
                BootId = BootId(),
                WaitObserver = provider.GetRequiredService<IObserver>(),
            };
            provider.GetService<Supervisor>()?.Changed += intents.FollowScheduler;
            return intents;
        });
        services.TryAddSingleton(provider => new StateStore(
            configured.StateFile, configured.RestoresState, provider.GetRequiredService<ILogger<StateStore>>()));
        services.AddHostedService<StateHost>();
        services.TryAddSingleton(provider => new GuardService(
            provider.GetRequiredService<IntentService>(), provider.GetRequiredService<IObserver>(), provider.GetRequiredService<PodRegistry>(),
            provider.GetRequiredService<TimeProvider>(), configured.Guard, provider.GetRequiredService<IIntentObserver>().Failed));
        services.AddHostedService<GuardHost>();
        services.TryAddSingleton<ExperimentService>();
        services.AddHostedService<ExperimentsHost>();
        services.TryAddSingleton<IObserver>(provider => new Observer(
            provider.GetRequiredService<ITaskSource>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(configured.Metrics);
        services.TryAddSingleton<MetricsCollector>();
        services.TryAddSingleton(provider => new TaskSampler(
            provider.GetRequiredService<ITaskSource>(), provider.GetRequiredService<TimeProvider>(), s_sampleWindow));
        return services;
    }
}
