using Coxswain.Core.Policies;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Policies;

public sealed class TicketHeapTests
{
    [Fact]
    public void Comes_out_by_key_and_in_order_of_arrival_among_equals() =>
        Gen.Int[0, 20].Array[0, 500].Sample(keys =>
        {
            using var heap = new TicketHeap(500);
            for (int i = 0; i < keys.Length; i++)
            {
                Assert.True(heap.TryPush((ulong)keys[i], i));
            }
            var expected = keys.Select((key, i) => (key, i)).OrderBy(x => x.key).ThenBy(x => x.i).Select(x => x.i);
            Assert.Equal(expected, Drain(heap));
        });

    [Fact]
    public void Keeps_its_order_when_pushes_and_pops_mix() =>
        Gen.Int[0, 1000].Array[0, 300].Sample(operations =>
        {
            using var heap = new TicketHeap(300);
            var model = new SortedSet<(ulong Key, int Arrival)>();
            for (int i = 0; i < operations.Length; i++)
            {
                if (operations[i] % 3 == 0 && model.Count > 0)
                {
                    Assert.True(heap.TryPop(out int ticket));
                    Assert.Equal(model.Min.Arrival, ticket);
                    model.Remove(model.Min);
                }
                else
                {
                    ulong key = (ulong)operations[i];
                    heap.TryPush(key, i);
                    model.Add((key, i));
                }
                Assert.Equal(model.Count, heap.Count);
            }
        });

    [Fact]
    public void Keys_that_wrap_around_keep_their_order()
    {
        using var heap = new TicketHeap(4);
        heap.TryPush(5, 2);
        heap.TryPush(ulong.MaxValue - 5, 1);
        Assert.Equal([1, 2], Drain(heap));
    }

    [Fact]
    public void So_do_those_of_many_with_equals_among_them() =>
        Gen.Int[-50, 50].Array[0, 500].Sample(keys =>
        {
            using var heap = new TicketHeap(500);
            for (int i = 0; i < keys.Length; i++)
            {
                Assert.True(heap.TryPush((ulong)(long)keys[i], i));
            }
            Assert.Equal(keys.Length == 0 ? -1 : Array.IndexOf(keys, keys.Min()), heap.First);
            var expected = keys.Select((key, i) => (key, i)).OrderBy(x => x.key).ThenBy(x => x.i).Select(x => x.i);
            Assert.Equal(expected, Drain(heap));
        });

    [Fact]
    public void A_full_heap_refuses_and_goes_on_working()
    {
        using var heap = new TicketHeap(2);
        Assert.True(heap.TryPush(1, 1));
        Assert.True(heap.TryPush(2, 2));
        Assert.False(heap.TryPush(3, 3));
        Assert.True(heap.TryPop(out _));
        Assert.True(heap.TryPush(3, 3));
    }

    [Fact]
    public void An_empty_heap_gives_nothing()
    {
        using var heap = new TicketHeap(1);
        Assert.False(heap.TryPop(out _));
    }

    [Fact]
    public void After_its_end_a_heap_is_empty_and_full_however_often_it_was_ended()
    {
        var heap = new TicketHeap(2);
        heap.TryPush(1, 1);
        heap.Dispose();
        heap.Dispose();
        Assert.False(heap.TryPop(out _));
        Assert.False(heap.TryPush(1, 1));
    }

    private static List<int> Drain(TicketHeap heap)
    {
        var result = new List<int>();
        while (heap.TryPop(out int ticket))
        {
            result.Add(ticket);
        }
        return result;
    }
}
