using Coxswain.Core.Intents;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Supervision;
using Coxswain.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Coxswain.Core.Tests.Supervision;

/// <summary>A supervisor over a scheduler in memory, and intents that follow it, on one clock.</summary>
internal sealed class SupervisorRig : ISupervisorObserver, IDisposable
{
    public SupervisorRig(SupervisorOptions? options = null)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
        Clock = new SettableClock(Time);
        Machine = new FakeMachine(Time);
        Kernel = new FakeKernel(Machine, Time);
        Kernel.Stop();
        Supervisor = new Supervisor(Kernel, Clock, options ?? new SupervisorOptions(), this);
        Intents = new IntentService(Supervisor, Machine, new ProtectedTasks(99), Clock);
        Supervisor.Changed += Intents.FollowScheduler;
        Machine.Start(1, "systemd");
        Machine.Start(10, "upf", "rx");
        Machine.Start(20, "db");
    }

    public FakeTimeProvider Time { get; }

    public SettableClock Clock { get; }

    public FakeMachine Machine { get; }

    public FakeKernel Kernel { get; }

    public Supervisor Supervisor { get; }

    public IntentService Intents { get; }

    public List<SchedulerEnd> Ends { get; } = [];

    public int StartedAgainCount { get; private set; }

    public SchedulerSnapshot Snapshot => Supervisor.Snapshot();

    public static SupervisorRig Started()
    {
        var rig = new SupervisorRig();
        rig.Supervisor.Start();
        return rig;
    }

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>The kernel ends the scheduler, and the supervisor notices.</summary>
    public void Stall()
    {
        Kernel.Eject("runnable task stall", dump: "the run queues");
        Advance(0.25);
    }

    public Change Prioritize(int pid, int ttl = 600) => Intents.Apply(new IntentRequest
    {
        Selector = Selector.OfPids([pid]),
        Effect = IntentEffect.OfClass(SchedulingClass.High),
        TtlSeconds = ttl,
        Author = "agent",
    }).Change;

    public void Ended(SchedulerEnd how) => Ends.Add(how);

    public void StartedAgain() => StartedAgainCount++;

    public void Dispose()
    {
        Intents.Dispose();
        Supervisor.Dispose();
    }
}
