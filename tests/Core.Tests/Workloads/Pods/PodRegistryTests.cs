using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;
using Coxswain.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Pods;

public sealed class PodRegistryTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly FakePods _pods = new();
    private readonly PodRegistry _registry;

    public PodRegistryTests() => _registry = new PodRegistry(_pods, _time);

    [Fact]
    public void A_thread_belongs_to_the_pod_of_its_cgroup()
    {
        var task = Task(_pods.Start("shop", "web"));
        Assert.False(_registry.PodOf(task)!.IsDescribed);
        _registry.Refresh();
        Assert.Equal("shop/web", _registry.PodOf(task)!.Title);
        Assert.Null(_registry.PodOf(Task("/system.slice/ssh.service")));
        Assert.Null(_registry.PodOf(Task("")));
    }

    [Fact]
    public void A_pod_is_found_by_its_container_where_the_path_has_no_uid()
    {
        var cgroup = _pods.Start("shop", "web");
        _registry.Refresh();
        Assert.Equal("shop/web", _registry.PodOf(Task("/elsewhere/" + cgroup[(cgroup.LastIndexOf('/') + 1)..]))!.Title);
        Assert.Null(_registry.PodOf(Task("/elsewhere/" + new string('1', 64))));
    }

    [Fact]
    public void The_runtime_is_asked_once_a_second_at_most()
    {
        _registry.Refresh();
        _time.Advance(TimeSpan.FromMilliseconds(900));
        _registry.Refresh();
        Assert.Equal(1, _pods.Readings);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _registry.Refresh();
        Assert.Equal(2, _pods.Readings);
    }

    [Fact]
    public void While_the_runtime_is_silent_its_last_answer_counts()
    {
        var task = Task(_pods.Start("shop", "web"));
        _registry.Refresh();
        _pods.Problem = "the container runtime is away";
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("the container runtime is away", _registry.Refresh().Problem);
        Assert.Equal("shop/web", _registry.PodOf(task)!.Title);
    }

    [Fact]
    public void A_pod_that_ended_is_forgotten()
    {
        var task = Task(_pods.Start("shop", "web"));
        _registry.Refresh();
        _pods.End("shop", "web");
        _time.Advance(TimeSpan.FromSeconds(5));
        _registry.Refresh();
        Assert.False(_registry.PodOf(task)!.IsDescribed);
    }

    private static TaskInfo Task(string cgroup)
    {
        var key = new Coxswain.Core.Kernel.TaskKey(10, 1);
        return new TaskInfo { Key = key, Process = key, Command = "x", ProcessCommand = "x", Cgroup = cgroup };
    }
}
