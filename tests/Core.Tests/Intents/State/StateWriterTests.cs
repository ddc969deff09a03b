using System.Collections.Concurrent;
using Coxswain.Core.Intents.State;
using Xunit;

namespace Coxswain.Core.Tests.Intents.State;

public sealed class StateWriterTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_was_put_is_saved_when_flush_returns()
    {
        var saved = new ConcurrentQueue<uint>();
        using var writer = new StateWriter(state => saved.Enqueue(state.Generation));
        writer.Put(State(1));
        Assert.True(writer.Flush(s_long));
        Assert.Equal([1u], saved);
    }

    [Fact]
    public void Of_many_that_come_at_once_only_the_newest_need_be_saved()
    {
        var saved = new ConcurrentQueue<uint>();
        using var writer = new StateWriter(state => saved.Enqueue(state.Generation));
        for (var number = 1u; number <= 1000; number++)
        {
            writer.Put(State(number));
        }

        Assert.True(writer.Flush(s_long));
        Assert.Equal(1000u, saved.Last());
        Assert.InRange(saved.Count, 1, 500);
    }

    [Fact]
    public void A_disk_that_hangs_holds_nobody_up()
    {
        using var disk = new ManualResetEventSlim();
        using var writer = new StateWriter(_ => disk.Wait());
        writer.Put(State(1));
        writer.Put(State(2));
        Assert.False(writer.Flush(TimeSpan.FromMilliseconds(50)));
        disk.Set();
        Assert.True(writer.Flush(s_long));
    }

    [Fact]
    public void A_failure_is_reported_once_and_tried_again()
    {
        var failures = new ConcurrentQueue<Exception>();
        var fails = true;
        using var writer = new StateWriter(_ => { if (Volatile.Read(ref fails)) { throw new IOException("No space left on device"); } }, failures.Enqueue);
        writer.Put(State(1));
        Assert.False(writer.Flush(s_long));
        Assert.Equal("No space left on device", writer.Problem);
        writer.Put(State(2));
        Assert.False(writer.Flush(TimeSpan.Zero));
        Volatile.Write(ref fails, false);
        Assert.True(SpinWait.SpinUntil(() => writer.Flush(TimeSpan.FromMilliseconds(10)), s_long));
        Assert.Equal("", writer.Problem);
        Assert.Single(failures);
    }

    [Fact]
    public void The_last_one_is_saved_at_the_end()
    {
        var saved = new ConcurrentQueue<uint>();
        var writer = new StateWriter(state => saved.Enqueue(state.Generation));
        writer.Put(State(1));
        writer.Put(State(2));
        writer.Dispose();
        Assert.Equal(2u, saved.Last());
    }

    private static SavedState State(uint generation) => StateFileTests.State("chg_abcde") with { Generation = generation };
}
