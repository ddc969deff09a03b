using Coxswain.Core.Workloads;
using Coxswain.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Workloads;

public sealed class TaskSamplerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeMachine _machine;
    private readonly TaskSampler _sampler;

    public TaskSamplerTests()
    {
        _machine = new FakeMachine(_time);
        _sampler = new TaskSampler(_machine, _time, TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task Shares_are_those_of_the_window_and_not_of_the_past()
    {
        _machine.Start(10, "hog");
        _machine.Start(20, "waiter");
        _machine.Load(20, cpu: 0.9);
        _time.Advance(TimeSpan.FromHours(1));
        _machine.Load(10, cpu: 0.5, wait: 0.25);
        _machine.Load(20, cpu: 0, wait: 1);

        var samples = await SampleAsync();

        Assert.Equal((50.0, 25.0), (Math.Round(samples[0].CpuPercent, 6), Math.Round(samples[0].WaitPercent, 6)));
        Assert.Equal((0.0, 100.0), (Math.Round(samples[1].CpuPercent, 6), Math.Round(samples[1].WaitPercent, 6)));
    }

    [Fact]
    public async Task A_thread_born_within_the_window_counts_from_its_birth()
    {
        _machine.Start(10, "old");
        var sampling = _sampler.SampleAsync(0, TaskDetails.None, TestContext.Current.CancellationToken);
        _machine.Start(20, "new");
        _machine.Change(20, task => task with { RunNs = 125_000_000 });
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(50.0, (await sampling).Samples[1].CpuPercent, 6);
    }

    [Fact]
    public async Task One_process_can_be_sampled_alone()
    {
        _machine.Start(10, "a", "b", "c");
        _machine.Start(20, "d");
        var sampling = _sampler.SampleAsync(10, TaskDetails.None, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal([10, 11, 12], (await sampling).Samples.Select(sample => sample.Task.Key.Tid));
    }

    private async Task<IReadOnlyList<TaskSample>> SampleAsync()
    {
        var sampling = _sampler.SampleAsync(0, TaskDetails.None, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        return (await sampling).Samples;
    }
}
