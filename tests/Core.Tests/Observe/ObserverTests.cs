using Coxswain.Core.Observe;
using Coxswain.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public sealed class ObserverTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeObserverPort _port = new();
    private readonly FakeMachine _machine;
    private readonly Observer _observer;

    public ObserverTests()
    {
        _machine = new FakeMachine(_time);
        _observer = new Observer(() => _port, _machine, _time);
    }

    public void Dispose() => _observer.Dispose();

    [Fact]
    public void It_is_off_until_it_is_asked_and_off_again_when_nobody_asks()
    {
        Assert.False(_port.Started);
        Assert.False(_observer.State.Running);
        Assert.Empty(_observer.Observe(10, ObservationScope.Node).Seconds);
        _observer.Start();
        _observer.Start();
        Assert.True(_observer.State.Running);
        _time.Advance(Observer.IdleLimit - TimeSpan.FromSeconds(5));
        Assert.True(_observer.State.Running);
        _observer.Observe(1, ObservationScope.Node);
        _time.Advance(Observer.IdleLimit - TimeSpan.FromSeconds(5));
        Assert.True(_observer.State.Running);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(_observer.State.Running);
        Assert.True(_port.Disposed);
    }

    [Fact]
    public void A_kernel_that_refuses_is_told_and_may_be_asked_again()
    {
        _port.Refusal = new ObserverUnavailableException("no");
        Assert.Throws<ObserverUnavailableException>(_observer.Start);
        Assert.False(_observer.State.Running);
        _port.Refusal = null;
        _observer.Start();
        Assert.True(_observer.State.Running);
    }

    [Fact]
    public void Each_second_is_told_by_itself_and_all_together()
    {
        _observer.Start();
        _port.Add(10, "a");
        for (var second = 1; second <= 5; second++)
        {
            _port.Wait(10, second * 1_000_000, times: 10);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var observation = _observer.Observe(3, ObservationScope.Node);
        Assert.Equal((3u, 5u, 3), (observation.From, observation.To, observation.Seconds.Count));
        Assert.Equal((30, 5_000_000), (observation.Total.Waits, observation.Total.LongestWaitNs));
        Assert.Equal([30_000_000, 40_000_000, 50_000_000], observation.Seconds.Select(second => second.Metrics.WaitNs));
        Assert.Equal(TimeSpan.FromSeconds(3).TotalNanoseconds, observation.DurationNs);
        Assert.Equal(4_000_000.0, observation.Total.WaitPercentileNs(0.5)!.Value, 240_000.0);
        Assert.Equal(5, _observer.Observe(600, ObservationScope.Node).Seconds.Count);
        Assert.Equal(2, _observer.Observe(1, 2, ObservationScope.Node).Seconds.Count);
    }

    [Fact]
    public void Threads_are_chosen_by_what_they_are_with_the_names_of_process_and_cgroup()
    {
        _machine.Start(10, "server", "worker");
        _machine.Move(10, "/pod");
        _port.Add(11, "worker", processId: 10, cgroup: 77);
        _port.Add(20, "other", cgroup: 5);
        _observer.Start();
        _port.Wait(11, 1000);
        _port.Wait(20, 9_000_000);
        _time.Advance(TimeSpan.FromSeconds(1));

        var task = Assert.Single(_observer.Observe(1, new ObservationScope(task => task.ProcessCommand == "server")).Tasks);
        Assert.Equal(("worker", "/pod", 10, 11), (task.Command, task.Cgroup, task.ProcessId, task.Key.Tid));
        var pod = _observer.Observe(1, ObservationScope.OfCgroups(path => path == "/pod"));
        Assert.Equal((1, 1000), (pod.Total.Waits, pod.Total.LongestWaitNs));
    }

    [Fact]
    public void Ten_minutes_are_remembered_and_no_more()
    {
        _observer.Start();
        _port.Add(10, "a");
        for (var second = 0; second < 700; second++)
        {
            _port.Wait(10, 1_000_000);
            _time.Advance(TimeSpan.FromSeconds(1));
            if (second % 100 == 0)
            {
                _observer.Observe(1, ObservationScope.Node);
            }
        }

        Assert.Equal(600, _observer.Observe(600, ObservationScope.Node).Total.Waits);
        Assert.Equal(600, _observer.Observe(1, 10_000, ObservationScope.Node).Total.Waits);
    }

    [Fact]
    public void Where_there_are_too_many_threads_to_remember_their_cgroups_still_are()
    {
        _observer.Start();
        for (var tid = 1; tid <= 3000; tid++)
        {
            _port.Add(tid, "t", cgroup: (ulong)(tid % 3 + 1));
        }

        for (var second = 0; second < 60; second++)
        {
            for (var tid = 1; tid <= 3000; tid++)
            {
                _port.Wait(tid, 1_000_000);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_observer.State.TasksFrom, 2u, 60u);
        Assert.Equal(180_000, _observer.Observe(60, ObservationScope.Node).Total.Waits);
        var single = _observer.Observe(60, new ObservationScope(task => task.Key.Tid == 5));
        Assert.Equal(_observer.State.TasksFrom, single.From);
        Assert.Equal(single.Seconds.Count, single.Total.Waits);
    }

    [Fact]
    public void A_storm_of_short_lived_threads_leaves_nothing_behind_but_what_they_did()
    {
        _observer.Start();
        for (var tid = 1; tid <= 10_000; tid++)
        {
            _port.Add(tid, "storm");
            _port.Wait(tid, 1_000_000);
            _port.End(tid);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _observer.State.Tasks);
        var observation = _observer.Observe(1, ObservationScope.Node);
        Assert.Equal((10_000, 10_000), (observation.Total.Waits, observation.Tasks.Count));
        Assert.All(observation.Tasks, task => Assert.True(task.HasEnded));
    }

    [Fact]
    public void Under_pressure_it_collects_before_the_second_is_over()
    {
        _observer.Start();
        _port.IsPressed = true;
        _port.Add(1, "a");
        _port.Wait(1, 1_000_000);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(1, _port.Collections);
        _port.IsPressed = false;
        _port.Wait(1, 1_000_000);
        _time.Advance(TimeSpan.FromMilliseconds(750));
        Assert.Equal(2, _port.Collections);
        Assert.Equal(2, Assert.Single(_observer.Observe(1, ObservationScope.Node).Seconds).Metrics.Waits);
    }

    [Fact]
    public void What_was_lost_is_told()
    {
        _observer.Start();
        _port.Losses = new ObserverLosses(3, 4, 5);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new ObserverLosses(3, 4, 5), _observer.State.Losses);
    }

    [Fact]
    public void Who_delayed_is_named_most_first()
    {
        _observer.Start();
        _port.Add(1, "victim");
        _port.Add(2, "hog");
        _port.Add(3, "kworker", kernelThread: true);
        _port.Wait(1, 5_000_000);
        for (var second = 1; second <= 3; second++)
        {
            _port.Delay(2, 1, 4_000_000);
            _port.Delay(3, 1, 1_000_000);
            _port.Delay(1, 2, 1_000_000);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        var delays = _observer.Delays(1, 3, new ObservationScope(task => task.Command == "victim"));
        Assert.Equal([("hog", 12_000_000L, 3L), ("kworker", 3_000_000L, 3L)], delays.Select(pair => (pair.From.Command, pair.Ns, pair.Count)));
        Assert.True(delays[1].From.IsKernelThread);
        Assert.Equal(4_000_000, _observer.Delays(2, 2, new ObservationScope(task => task.Command == "victim"))[0].Ns);
    }
}
