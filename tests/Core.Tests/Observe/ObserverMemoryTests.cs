using Coxswain.Core.Observe;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

/// <summary>What the observer takes of a crowded machine's memory. Alone, as others make garbage.</summary>
[CollectionDefinition(nameof(ObserverMemoryTests), DisableParallelization = true)]
[Collection(nameof(ObserverMemoryTests))]
public sealed class ObserverMemoryTests
{
    private const int Threads = 20_000;
    private const long MostBytes = 40_000_000;

    [Fact]
    public void Twenty_thousand_busy_threads_take_forty_megabytes_at_most_of_kernel_and_process_together()
    {
        using var table = new CrowdedTable(Threads);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var history = new ObservationHistory(static tid => $"/kubepods/pod-{(tid - CrowdedTable.FirstTid) / CrowdedTable.ThreadsPerCgroup}", static _ => "");
        // Whatever is remembered of threads, cgroups and pairs has reached its bound then.
        for (var second = 0; second < 16; second++)
        {
            table.PassSecond();
            table.Collect(history);
            history.EndSecond();
        }

        var process = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"kernel {table.Room.Bytes / 1e6:0.0} MB, process {process / 1e6:0.0} MB");
        Assert.Equal(Threads, history.BoundTasks);
        Assert.True(history.TasksFrom > 1, "the memory for single threads is not full yet");
        Assert.InRange(process, 8_000_000, MostBytes);
        Assert.InRange(table.Room.Bytes + process, 0, MostBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20_000)]
    [InlineData(1_000_000)]
    public void There_is_room_for_a_quarter_more_threads_than_there_are_within_bounds(int threads) =>
        Assert.InRange(ObserverRoom.ForThreads(threads).Slots, Math.Min(threads * 5L / 4, ObserverRoom.MostSlots), ObserverRoom.MostSlots);
}
