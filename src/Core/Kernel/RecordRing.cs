using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>
/// Reader of a BPF ring buffer in shared memory (protocol: kernel/bpf/ringbuf.c). One reader; allocates nothing;
/// records are read in place.
/// </summary>
/// <typeparam name="T">What each record is.</typeparam>
internal sealed unsafe class RecordRing<T> : IDisposable where T : unmanaged
{
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;
    private const uint HeaderSize = 8;

    private readonly ulong* _consumer;
    private readonly ulong* _producer;
    private readonly byte* _data;
    private readonly nuint _readOnlyLength;
    private readonly ulong _mask;
    private ulong _consumed;

    /// <param name="fd">A BPF_MAP_TYPE_RINGBUF.</param>
    /// <param name="size">Its size in bytes, a power of two.</param>
    public RecordRing(int fd, uint size)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        // The kernel allows exactly the first page to be written, and maps the data twice so that no record is split.
        _readOnlyLength = page + 2 * size;
        _consumer = (ulong*)Map(fd, page, LibC.ProtRead | LibC.ProtWrite, 0);
        _producer = (ulong*)Map(fd, _readOnlyLength, LibC.ProtRead, (long)page);
        _data = (byte*)_producer + page;
        _mask = size - 1;
        _consumed = *_consumer;
        Fd = fd;
    }

    /// <summary>For poll(): readable when there are records.</summary>
    public int Fd { get; }

    /// <summary>True when the kernel has written beyond what was read.</summary>
    public bool HasMore => Volatile.Read(ref *_producer) > _consumed;

    /// <summary>The next record, or null. It stays valid until <see cref="Release"/>.</summary>
    public T* Next()
    {
        ulong produced = Volatile.Read(ref *_producer);
        while (_consumed < produced)
        {
            uint* header = (uint*)(_data + (_consumed & _mask));
            uint length = Volatile.Read(ref *header); // pairs with the kernel's exchange at commit
            if ((length & Busy) != 0)
            {
                return null;
            }
            _consumed += ((length & ~Discarded) + HeaderSize + 7) & ~7u;
            if ((length & Discarded) == 0)
            {
                return (T*)((byte*)header + HeaderSize);
            }
        }
        return null;
    }

    /// <summary>Gives what was read back to the kernel.</summary>
    public void Release() => Volatile.Write(ref *_consumer, _consumed);

    public void Dispose()
    {
        _ = LibC.munmap(_consumer, (nuint)Environment.SystemPageSize);
        _ = LibC.munmap(_producer, _readOnlyLength);
    }

    private static void* Map(int fd, nuint length, int protection, long offset)
    {
        void* address = LibC.mmap(null, length, protection, LibC.MapShared, fd, offset);
        return address != (void*)-1 ? address : throw new InvalidOperationException(
            $"mmap of a ring buffer failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }
}
