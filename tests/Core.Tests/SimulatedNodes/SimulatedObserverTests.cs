using Coxswain.Core.Observe;
using Coxswain.Core.SimulatedNodes;
using Coxswain.Core.Simulation;
using Coxswain.Core.Workloads;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.SimulatedNodes;

/// <summary>The observer of a simulated machine against what the machine itself knows.</summary>
public sealed class SimulatedObserverTests : IDisposable
{
    private const long Ms = 1_000_000;
    private readonly FakeTimeProvider _time = new();
    private readonly SimulatedNode _node;
    private readonly Observer _observer;

    public SimulatedObserverTests()
    {
        _node = new SimulatedNode(new SimulationOptions { Cpus = 2 }, _time);
        _observer = _node.CreateObserver();
    }

    public void Dispose()
    {
        _observer.Dispose();
        _node.Dispose();
    }

    [Fact]
    public void Running_waiting_and_stints_are_those_of_the_machine_and_sleep_is_none_of_them()
    {
        _observer.Start();
        for (int i = 0; i < 5; i++)
        {
            _node.Start(new TaskSpec { Comm = "hog", Behaviour = Behaviours.Spin() }, "/hogs");
        }
        _node.Start(new TaskSpec { Comm = "sleeper", Behaviour = Behaviours.RunAndSleep(1 * Ms, 100 * Ms) }, "/sleepers");
        Pass(seconds: 4);
        ObservedMetrics seen = _observer.Observe(1, uint.MaxValue, ObservationScope.Node).Total;
        IReadOnlyList<TaskInfo> tasks = _node.ReadAll(TaskDetails.Times | TaskDetails.Cgroup).Tasks;
        Assert.Equal(tasks.Sum(task => task.RunNs), seen.RunNs);
        Assert.Equal(tasks.Sum(task => task.WaitNs), seen.WaitNs);
        Assert.Equal(tasks.Sum(task => task.RunCount), seen.Waits);
        ObservedMetrics sleeper = _observer.ObserveCgroups(1, uint.MaxValue)["/sleepers"];
        Assert.Equal(tasks.Single(task => task.Command == "sleeper").WaitNs, sleeper.WaitNs);
        Assert.InRange(sleeper.Wakeups, 20, 40);
        Assert.Equal(0, sleeper.InvoluntarySwitches);
    }

    [Fact]
    public void Who_held_the_CPU_is_who_delayed()
    {
        int hog = _node.Start(new TaskSpec { Comm = "hog", Behaviour = Behaviours.Spin(), Cpus = [0] }, "/hogs");
        int victim = _node.Start(new TaskSpec { Comm = "victim", Behaviour = Behaviours.Spin(), Cpus = [0] }, "/victims");
        _observer.Start();
        Pass(seconds: 2);
        ObservedPair delay = Assert.Single(_observer.Delays(1, uint.MaxValue, new ObservationScope(task => task.Key.Tid == victim)));
        Assert.Equal(hog, delay.From.Key.Tid);
        Assert.InRange(delay.Ns, 800 * Ms, 1200 * Ms);
    }

    [Fact]
    public void Who_woke_whom_is_known_and_what_ends_is_forgotten()
    {
        int relay = _node.Start(new TaskSpec { Comm = "relay", Behaviour = Behaviours.Relay(1 * Ms, () => 0) }, "/a");
        int client = _node.Start(new TaskSpec { Comm = "client", Behaviour = Behaviours.RequestAndSleep(1 * Ms, () => relay, 10 * Ms) }, "/a");
        _node.Start(new TaskSpec { Comm = "make", Behaviour = Behaviours.ForkAndSleep(1 * Ms, 10 * Ms) }, "/a");
        _observer.Start();
        Pass(seconds: 3);
        Assert.Contains(_observer.Wakes(1, uint.MaxValue), pair => pair.From.Key.Tid == client && pair.To.Key.Tid == relay && pair.Count > 100);
        Assert.InRange(_observer.State.Tasks, 3, 5);
    }

    // The observer looks four times a second.
    private void Pass(int seconds)
    {
        for (int i = 0; i < 4 * seconds; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }
    }
}
