using Coxswain.Core.Observe;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

public sealed class CellLogTests
{
    [Fact]
    public void What_is_written_is_read_until_there_is_no_room_and_then_the_newest()
    {
        var log = new CellLog(128 * 1024);
        var random = new Random(3);
        var written = new List<(uint Second, byte[] Cell)>();
        for (uint second = 1; second <= 2000; second++)
        {
            for (var i = 0; i < 3; i++)
            {
                var cell = new byte[random.Next(1, 200)];
                random.NextBytes(cell);
                log.Append(second, cell);
                written.Add((second, cell));
            }
        }

        var read = new List<(uint Second, byte[] Cell)>();
        log.Visit(0, uint.MaxValue, (second, cell) => read.Add((second, cell.ToArray())));
        Assert.InRange(read.Sum(entry => entry.Cell.Length + 6), 127 * 1024, 128 * 1024);
        Assert.Equal(written[^read.Count..].Select(entry => entry.Cell), read.Select(entry => entry.Cell));
        // All of a second is there from the one on that the log says.
        Assert.InRange(log.CompleteFrom, read[0].Second, read[0].Second + 1);
        Assert.All(written.Where(entry => entry.Second >= log.CompleteFrom), entry => Assert.Contains(read, other => other.Cell == entry.Cell || other.Cell.SequenceEqual(entry.Cell)));
    }

    [Fact]
    public void A_span_is_read_without_what_is_around_it()
    {
        var log = new CellLog(64 * 1024);
        for (uint second = 1; second <= 10; second++)
        {
            log.Append(second, [(byte)second]);
        }

        var read = new List<uint>();
        log.Visit(4, 6, (second, _) => read.Add(second));
        Assert.Equal([4u, 5u, 6u], read);
        log.DropBefore(6);
        read.Clear();
        log.Visit(1, 100, (second, _) => read.Add(second));
        Assert.Equal([6u, 7u, 8u, 9u, 10u], read);
    }

    [Fact]
    public void Metrics_come_back_as_they_were_written()
    {
        var metrics = new ObservedMetrics
        {
            Waits = 3,
            WaitNs = 1L << 50,
            LongestWaitNs = 77,
            UnfinishedWaitNs = 5,
            RunNs = 1L << 40,
            Wakeups = 300,
            VoluntarySwitches = 1,
            InvoluntarySwitches = 2,
            CoreMigrations = 4,
            LlcMigrations = 500,
            FarMigrations = 6,
        };
        metrics.AddBucket(0, 1);
        metrics.AddBucket(191, 1000);
        Span<byte> cell = stackalloc byte[Cells.MostBytes];
        var length = Cells.Write(cell, 1234567890123, metrics);
        var read = new ObservedMetrics();
        Cells.AddTo(read, cell[..length]);
        Cells.AddTo(read, cell[..length]);
        Assert.Equal(1234567890123ul, Cells.Owner(cell[..length]));
        Assert.Equal((6, 1L << 51, 77, 5), (read.Waits, read.WaitNs, read.LongestWaitNs, read.UnfinishedWaitNs));
        Assert.Equal((1L << 41, 600, 2, 4), (read.RunNs, read.Wakeups, read.VoluntarySwitches, read.InvoluntarySwitches));
        Assert.Equal((8, 1000, 12), (read.CoreMigrations, read.LlcMigrations, read.FarMigrations));
        Assert.Equal((2ul, 2000ul), (read.Buckets[0], read.Buckets[191]));
    }
}
