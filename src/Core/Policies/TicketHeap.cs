using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coxswain.Core.Policies;

/// <summary>Tickets of waiting tasks ordered by a key, first come first served among equals. Unmanaged memory of fixed size; allocates nothing after creation.</summary>
/// <remarks>
/// A 4-ary heap: fewer levels than a binary one, and the four children of a node, 16 bytes each, are one cache line.
/// One thread at a time.
/// </remarks>
public sealed unsafe class TicketHeap : IDisposable
{
    private const int Arity = 4;
    private const int CacheLine = 64;

    /// <summary>Unused nodes before the root, so that its children, and so all siblings, begin a cache line.</summary>
    private const int Padding = 3;

    private void* _memory;
    private Node* _nodes;
    private uint _arrivals;

    /// <param name="capacity">Most tickets that it holds, from 1 on.</param>
    public TicketHeap(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        nuint bytes = (nuint)(capacity + Padding) * (nuint)sizeof(Node);
        _memory = NativeMemory.AlignedAlloc(bytes, CacheLine);
        // Touched, so that every page is there before the dispatch thread needs it.
        NativeMemory.Clear(_memory, bytes);
        _nodes = (Node*)_memory + Padding;
    }

    /// <summary>Tickets in it.</summary>
    public int Count { get; private set; }

    /// <summary>Most tickets that it holds.</summary>
    public int Capacity { get; private set; }

    /// <summary>Puts a ticket in; false when the heap is full.</summary>
    /// <param name="key">Smaller comes out first. Compared by difference, so that a clock that wraps keeps its order.</param>
    /// <param name="ticket">What comes out again.</param>
    public bool TryPush(ulong key, int ticket)
    {
        int i = Count;
        if (i == Capacity)
        {
            return false;
        }
        Count = i + 1;
        Node* nodes = _nodes;
        var node = new Node { Key = key, Arrival = _arrivals++, Ticket = ticket };
        while (i > 0)
        {
            int parent = (i - 1) / Arity;
            if (!Before(node, nodes[parent]))
            {
                break;
            }
            nodes[i] = nodes[parent];
            i = parent;
        }
        nodes[i] = node;
        return true;
    }

    /// <summary>Takes out the ticket with the smallest key; false when the heap is empty.</summary>
    public bool TryPop(out int ticket)
    {
        if (Count == 0)
        {
            ticket = -1;
            return false;
        }
        Node* nodes = _nodes;
        ticket = nodes[0].Ticket;
        int count = --Count;
        Node last = nodes[count];
        int i = 0;
        while (true)
        {
            int child = i * Arity + 1;
            if (child >= count)
            {
                break;
            }
            int end = Math.Min(child + Arity, count);
            int smallest = child;
            for (int c = child + 1; c < end; c++)
            {
                smallest = Before(nodes[c], nodes[smallest]) ? c : smallest;
            }
            if (!Before(nodes[smallest], last))
            {
                break;
            }
            nodes[i] = nodes[smallest];
            i = smallest;
        }
        nodes[i] = last;
        return true;
    }

    /// <summary>Gives its memory back; from then on it is empty and full.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _nodes = null;
        Capacity = 0;
        Count = 0;
    }

    /// <summary>By difference also of arrivals: a wrong order among equals needs two billion arrivals while one waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Before(in Node a, in Node b) =>
        a.Key != b.Key ? (long)(a.Key - b.Key) < 0 : (int)(a.Arrival - b.Arrival) < 0;

    private struct Node
    {
        public ulong Key;
        public uint Arrival;
        public int Ticket;
    }
}
