using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Policies;

public sealed unsafe class NoticeHeapTests
{
    [Fact]
    public void Comes_out_by_key_and_in_order_of_arrival_among_equals() =>
        Gen.Int[0, 20].Array[0, 500].Sample(keys =>
        {
            using var heap = new NoticeHeap(500);
            for (int i = 0; i < keys.Length; i++)
            {
                Assert.True(heap.TryPush((ulong)keys[i], new Notice { Pid = i }));
            }
            var expected = keys.Select((key, i) => (key, i)).OrderBy(x => x.key).ThenBy(x => x.i).Select(x => x.i);
            Assert.Equal(expected, Drain(heap));
        });

    [Fact]
    public void Keeps_its_order_when_pushes_and_pops_mix() =>
        Gen.Int[0, 1000].Array[0, 300].Sample(operations =>
        {
            using var heap = new NoticeHeap(300);
            var model = new SortedSet<(ulong Key, int Arrival)>();
            for (int i = 0; i < operations.Length; i++)
            {
                if (operations[i] % 3 == 0 && model.Count > 0)
                {
                    Assert.Equal(model.Min.Arrival, heap.Pop()->Pid);
                    model.Remove(model.Min);
                }
                else
                {
                    ulong key = (ulong)operations[i];
                    heap.TryPush(key, new Notice { Pid = i });
                    model.Add((key, i));
                }
                Assert.Equal(model.Count, heap.Count);
            }
        });

    [Fact]
    public void Keys_that_wrap_around_keep_their_order()
    {
        using var heap = new NoticeHeap(4);
        heap.TryPush(5, new Notice { Pid = 2 });
        heap.TryPush(ulong.MaxValue - 5, new Notice { Pid = 1 });
        Assert.Equal([1, 2], Drain(heap));
    }

    [Fact]
    public void A_full_heap_refuses_and_goes_on_working()
    {
        using var heap = new NoticeHeap(2);
        Assert.True(heap.TryPush(1, default));
        Assert.True(heap.TryPush(2, default));
        Assert.False(heap.TryPush(3, default));
        Assert.True(heap.Pop() != null);
        Assert.True(heap.TryPush(3, default));
    }

    [Fact]
    public void An_empty_heap_gives_nothing()
    {
        using var heap = new NoticeHeap(1);
        Assert.True(heap.Pop() == null);
    }

    private static List<int> Drain(NoticeHeap heap)
    {
        var result = new List<int>();
        for (Notice* notice = heap.Pop(); notice != null; notice = heap.Pop())
        {
            result.Add(notice->Pid);
        }
        return result;
    }
}
