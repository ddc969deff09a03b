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

    [Fact]
    public async Task Who_could_run_all_the_time_and_never_did_has_waited_all_the_time()
    {
        // The kernel adds a wait to the books only when it ends.
        _machine.Start(10, "starved");
        _machine.Start(20, "asleep");
        _machine.Change(10, task => task with { State = 'R' });
        Assert.Equal([100.0, 0.0], (await SampleAsync()).Select(sample => sample.WaitPercent));
    }

    [Fact]
    public async Task The_window_is_the_time_between_two_looks_at_a_thread()
    {
        _machine.Start(10, "hog");
        _machine.Load(10, cpu: 0.5);
        // The second reading comes late, and so do the times in it.
        var sampling = _sampler.SampleAsync(0, TaskDetails.None, TestContext.Current.CancellationToken);
        _machine.BeforeNextRead = () => _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(50.0, (await sampling).Samples[0].CpuPercent, 6);
    }

    private async Task<IReadOnlyList<TaskSample>> SampleAsync()
    {
        var sampling = _sampler.SampleAsync(0, TaskDetails.None, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        return (await sampling).Samples;
    }
}
