using System.Runtime.CompilerServices;
using Coxswain.Core.Kernel;

namespace Coxswain.Core.Policies;

/// <summary>Tickets of waiting tasks ordered by a key, first come first served among equals. Unmanaged memory of fixed size; allocates nothing after creation.</summary>
/// <remarks>
/// A 4-ary heap: fewer levels than a binary one, and the four children of a node, 16 bytes each, are one cache line.
/// One thread at a time.
/// </remarks>
public sealed unsafe class TicketHeap : IDisposable
{
    private const int Arity = 4;

    /// <summary>Unused nodes before the root, so that its children, and so all siblings, begin a cache line.</summary>
    private const int Padding = 3;

    private readonly Pages _pages;
    private Node* _nodes;
    private uint _arrivals;

    /// <param name="capacity">Most tickets that it holds, from 1 on.</param>
    public TicketHeap(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _pages = new Pages((long)(capacity + Padding) * sizeof(Node));
        _pages.Touch();
        _nodes = (Node*)_pages.Bytes + Padding;
    }

    /// <summary>Tickets in it.</summary>
    public int Count { get; private set; }

    /// <summary>Most tickets that it holds.</summary>
    public int Capacity { get; private set; }

    /// <summary>The ticket with the smallest key; -1 when the heap is empty.</summary>
    public int First => Count == 0 ? -1 : _nodes[0].Ticket;

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
            int smallest = child + Arity <= count ? SmallestOfFour(nodes, child) : SmallestOfFew(nodes, child, count);
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
        if (_nodes == null)
        {
            return;
        }
        _pages.Free();
        _nodes = null;
        Capacity = 0;
        Count = 0;
    }

    /// <summary>Which of keys in no order is the smallest no processor foresees: without a branch nothing has to be done again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SmallestOfFour(Node* nodes, int child)
    {
        int left = child + IsBefore(nodes[child + 1], nodes[child]);
        int right = child + 2 + IsBefore(nodes[child + 3], nodes[child + 2]);
        return left ^ ((left ^ right) & -IsBefore(nodes[right], nodes[left]));
    }

    private static int SmallestOfFew(Node* nodes, int child, int end)
    {
        int smallest = child;
        for (int c = child + 1; c < end; c++)
        {
            smallest = Before(nodes[c], nodes[smallest]) ? c : smallest;
        }
        return smallest;
    }

    /// <summary>By difference also of arrivals: a wrong order among equals needs two billion arrivals while one waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Before(in Node a, in Node b) =>
        a.Key != b.Key ? (long)(a.Key - b.Key) < 0 : (int)(a.Arrival - b.Arrival) < 0;

    /// <summary>The same as 1 or 0. The sign bit of the first difference, or of the second where the first is 0, which is where it and its negative have none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IsBefore(in Node a, in Node b)
    {
        ulong keys = a.Key - b.Key;
        ulong arrivals = (ulong)(a.Arrival - b.Arrival) << 32;
        return (int)((keys | (arrivals & ~(keys | (0 - keys)))) >> 63);
    }

    private struct Node
    {
        public ulong Key;
        public uint Arrival;
        public int Ticket;
    }
}
