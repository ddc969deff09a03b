using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Benchmarks.Transport;

/// <summary>Writer of a BPF user ring buffer in shared memory (protocol: kernel/bpf/ringbuf.c). One writer.</summary>
internal sealed unsafe class UserRing : IDisposable
{
    private const uint HeaderSize = 8;
    private readonly ulong* _consumer;
    private readonly ulong* _producer;
    private readonly byte* _data;
    private readonly nuint _length;
    private readonly uint _size;
    private ulong _produced;

    public UserRing(int fd, uint size)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        _length = page + 2 * size;
        _consumer = (ulong*)LibC.mmap(null, page, LibC.ProtRead, LibC.MapShared, fd, 0);
        _producer = (ulong*)LibC.mmap(null, _length, LibC.ProtRead | LibC.ProtWrite, LibC.MapShared, fd, (long)page);
        if (_consumer == (void*)-1 || _producer == (void*)-1)
        {
            throw new InvalidOperationException("mmap of the user ring buffer failed");
        }
        _data = (byte*)_producer + page;
        _size = size;
        _produced = *_producer;
    }

    /// <summary>Writes a verdict, which the kernel sees after <see cref="Publish"/>; false when there is no room.</summary>
    public bool TryWrite(in Verdict verdict)
    {
        uint record = HeaderSize + (uint)sizeof(Verdict);
        if (_size - (_produced - Volatile.Read(ref *_consumer)) < record)
        {
            return false;
        }
        uint* header = (uint*)(_data + (_produced & (_size - 1)));
        header[0] = (uint)sizeof(Verdict);
        header[1] = 0;
        *(Verdict*)(header + 2) = verdict;
        _produced += record;
        return true;
    }

    /// <summary>Shows the kernel all that was written.</summary>
    public void Publish() => Volatile.Write(ref *_producer, _produced);

    public void Dispose()
    {
        _ = LibC.munmap(_consumer, (nuint)Environment.SystemPageSize);
        _ = LibC.munmap(_producer, _length);
    }
}
