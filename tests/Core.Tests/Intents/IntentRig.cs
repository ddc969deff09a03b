using Coxswain.Core.Intents;
using Coxswain.Core.Intents.State;
using Coxswain.Core.Observe;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Coxswain.Core.Tests.Intents;

/// <summary>A machine, a kernel and an intent service on one clock.</summary>
internal sealed class IntentRig : IIntentObserver, IStateSink, IDisposable
{
    private string _bootId = "boot-1";

    /// <summary>Process id that stands for the scheduler itself.</summary>
    public const int OwnPid = 99;

    public IntentRig()
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
        Machine = new FakeMachine(Time);
        Kernel = new FakeKernel(Machine, Time);
        Registry = new PodRegistry(Pods, Time);
        Observer = new Observer(() => Observed, Machine, Time);
        Intents = Service();
        Machine.Start(1, "systemd");
        Machine.StartKernelThread(2, "kthreadd");
        Machine.Start(OwnPid, "coxswain", "dispatch");
    }

    public FakeTimeProvider Time { get; }

    public FakeMachine Machine { get; }

    public FakeKernel Kernel { get; }

    public FakePods Pods { get; } = new();

    public FakeEvents Events { get; } = new();

    public PodRegistry Registry { get; }

    /// <summary>What threads did, for the observer.</summary>
    public FakeObserverPort Observed { get; } = new();

    public Observer Observer { get; }

    public IntentService Intents { get; private set; }

    public List<Change> AppliedChanges { get; } = [];

    public List<Change> EndedChanges { get; } = [];

    public List<int> RestoredChanges { get; } = [];

    public List<Exception> Failures { get; } = [];

    /// <summary>Starts anew with other limits; nothing may be active.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="mayRaise">Protected names that may be raised.</param>
    public void Limit(OperatorLimits limits, params string[] mayRaise)
    {
        Intents.Dispose();
        Intents = Service(limits, mayRaise);
    }

    /// <summary>Starts a process in a pod, which it makes known when it is not.</summary>
    public void StartInPod(int pid, string command, string space, string name, params (string Key, string Value)[] labels)
    {
        var known = Pods.Read().Pods.FirstOrDefault(pod => pod.Title == $"{space}/{name}");
        Machine.Start(pid, command, "worker");
        Machine.Move(pid, known is null ? Pods.Start(space, name, labels) : $"{FakePods.Cgroup(space, name)}/{known.ContainerIds[0]}");
    }

    public ApplyResult Prioritize(Selector selector, SchedulingClass schedulingClass, int ttl = 600, string author = "agent", string reason = "") =>
        Intents.Apply(new IntentRequest
        {
            Selector = selector,
            Effect = IntentEffect.OfClass(schedulingClass),
            TtlSeconds = ttl,
            Author = author,
            Reason = reason,
        });

    public ApplyResult SetSlice(Selector selector, int sliceUs, int ttl = 600) =>
        Intents.Apply(new IntentRequest { Selector = selector, Effect = IntentEffect.OfSlice(sliceUs), TtlSeconds = ttl, Author = "agent" });

    /// <summary>Class that the kernel has for a thread now, as the BPF side would take it.</summary>
    public SchedulingClass ClassOf(int tid)
    {
        var now = (ulong)(Time.GetElapsedTime(0).Ticks * 100);
        return Kernel.Of(tid) is { } directive && directive.ClassExpiresNs > now ? directive.Class : SchedulingClass.Unset;
    }

    /// <summary>Slice in µs that the kernel has for a thread now; 0 when none.</summary>
    public int SliceOf(int tid)
    {
        var now = (ulong)(Time.GetElapsedTime(0).Ticks * 100);
        return Kernel.Of(tid) is { } directive && directive.SliceExpiresNs > now ? (int)(directive.SliceNs / 1000) : 0;
    }

    /// <summary>What was saved last; null when nothing was.</summary>
    public SavedState? Saved { get; private set; }

    /// <summary>Ends this program, and starts it anew with a scheduler that knows nothing.</summary>
    /// <param name="bootId">The boot that it runs in then.</param>
    /// <param name="limits">Its limits then.</param>
    public void Restart(string bootId = "boot-1", OperatorLimits? limits = null)
    {
        Intents.StopSaving();
        Intents.Dispose();
        Kernel.Eject("stopped");
        Kernel.AttachAgain();
        _bootId = bootId;
        Intents = Service(limits);
    }

    void IStateSink.Put(SavedState state) => Saved = state;

    bool IStateSink.Flush(TimeSpan limit) => true;

    private IntentService Service(OperatorLimits? limits = null, IReadOnlyList<string>? mayRaise = null) =>
        new(Kernel, Machine, new ProtectedTasks(OwnPid, cgroupOf: Machine.ReadCgroup, mayRaise: mayRaise), Time, this, Registry, FakeKernel.CgroupRoot, Events) { Limits = limits ?? OperatorLimits.Default, OnlineCpus = () => [0, 1, 2, 3], StateSink = this, BootId = _bootId, WaitObserver = Observer };

    public void Applied(Change change, bool renewed) => AppliedChanges.Add(change);

    public void Ended(Change change) => EndedChanges.Add(change);

    public void Restored(int changes) => RestoredChanges.Add(changes);

    public void Failed(Exception exception) => Failures.Add(exception);

    public void Dispose()
    {
        Intents.Dispose();
        Observer.Dispose();
    }
}
