using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Policies;

/// <summary>Notices ordered by a key, first come first served among equals. Unmanaged memory of fixed size; allocates nothing after creation.</summary>
/// <remarks>A 4-ary heap: fewer levels than a binary one, and the four children of a node lie side by side.</remarks>
internal sealed unsafe class NoticeHeap : IDisposable
{
    private const int Arity = 4;
    private readonly Node* _nodes;
    private readonly Notice* _notices;
    private readonly int* _free;
    private ulong _arrivals;

    public NoticeHeap(int capacity)
    {
        Capacity = capacity;
        // Zeroed, so that every page is there before the dispatch thread needs it.
        _nodes = (Node*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(Node));
        _notices = (Notice*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(Notice));
        _free = (int*)NativeMemory.AllocZeroed((nuint)capacity, sizeof(int));
        for (int i = 0; i < capacity; i++)
        {
            _free[i] = i;
        }
    }

    public int Count { get; private set; }

    public int Capacity { get; }

    /// <summary>False when the heap is full.</summary>
    public bool TryPush(ulong key, in Notice notice)
    {
        if (Count == Capacity)
        {
            return false;
        }
        int slot = _free[Count];
        _notices[slot] = notice;
        int i = Count++;
        var node = new Node { Key = key, Arrival = _arrivals++, Slot = slot };
        while (i > 0)
        {
            int parent = (i - 1) / Arity;
            if (!Before(node, _nodes[parent]))
            {
                break;
            }
            _nodes[i] = _nodes[parent];
            i = parent;
        }
        _nodes[i] = node;
        return true;
    }

    /// <summary>The notice with the smallest key, valid until the next push; null when the heap is empty.</summary>
    public Notice* Pop()
    {
        if (Count == 0)
        {
            return null;
        }
        int slot = _nodes[0].Slot;
        Node last = _nodes[--Count];
        _free[Count] = slot;
        int i = 0;
        while (true)
        {
            int child = i * Arity + 1;
            if (child >= Count)
            {
                break;
            }
            int smallest = child;
            for (int c = child + 1; c < Math.Min(child + Arity, Count); c++)
            {
                if (Before(_nodes[c], _nodes[smallest]))
                {
                    smallest = c;
                }
            }
            if (!Before(_nodes[smallest], last))
            {
                break;
            }
            _nodes[i] = _nodes[smallest];
            i = smallest;
        }
        _nodes[i] = last;
        return _notices + slot;
    }

    public void Dispose()
    {
        NativeMemory.Free(_nodes);
        NativeMemory.Free(_notices);
        NativeMemory.Free(_free);
        Count = 0;
    }

    /// <summary>By difference, so that a clock that wraps keeps its order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Before(in Node a, in Node b) =>
        a.Key != b.Key ? (long)(a.Key - b.Key) < 0 : a.Arrival < b.Arrival;

    private struct Node
    {
        public ulong Key;
        public ulong Arrival;
        public int Slot;
    }
}
