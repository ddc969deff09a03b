using Coxswain.Core.Kernel;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

/// <summary>What handling of events may take, and when it has to pause.</summary>
public sealed class EventPacingTests
{
    private static readonly TimeSpan s_batch = TimeSpan.FromMilliseconds(2);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_few_events_of_a_process_that_starts_are_handled_without_a_pause()
    {
        var pacing = new EventPacing(_time);
        for (int process = 0; process < 100; process++)
        {
            for (int batch = 0; batch < 4; batch++)
            {
                Assert.Equal(TimeSpan.Zero, Handle(pacing, s_batch));
            }

            _time.Advance(TimeSpan.FromMilliseconds(40));
        }
    }

    [Fact]
    public void In_a_storm_handling_takes_a_fifth_of_the_time()
    {
        var pacing = new EventPacing(_time);
        var handled = TimeSpan.Zero;
        long started = _time.GetTimestamp();
        while (_time.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
        {
            TimeSpan pause = Handle(pacing, s_batch);
            handled += s_batch;
            _time.Advance(pause);
        }

        Assert.InRange(handled.TotalSeconds, 2, 2.1);
    }

    [Fact]
    public void After_a_rest_there_is_credit_again_and_never_more_than_once()
    {
        var pacing = new EventPacing(_time);
        _time.Advance(TimeSpan.FromHours(1));
        var handled = TimeSpan.Zero;
        while (Handle(pacing, s_batch) == TimeSpan.Zero)
        {
            handled += s_batch;
        }

        Assert.InRange(handled, EventPacing.Credit - s_batch, EventPacing.Credit * 1.5);
        _time.Advance(EventPacing.Credit * 5);
        Assert.Equal(TimeSpan.Zero, Handle(pacing, s_batch));
    }

    [Fact]
    public void No_pause_is_so_long_that_many_events_would_be_lost_meanwhile() =>
        Assert.Equal(TimeSpan.FromMilliseconds(100), Handle(new EventPacing(_time), TimeSpan.FromSeconds(30)));

    private TimeSpan Handle(EventPacing pacing, TimeSpan takes)
    {
        _time.Advance(takes);
        return pacing.PauseAfter(takes);
    }
}
