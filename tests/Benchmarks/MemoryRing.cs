using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;
using Microsoft.Win32.SafeHandles;

namespace Coxswain.Benchmarks;

/// <summary>A file that has what a BPF ring buffer has (protocol: kernel/bpf/ringbuf.c), with notices to be read again and again by the loop's own reader.</summary>
internal sealed unsafe class MemoryRing : IDisposable
{
    // A power of two, so that records lie at the same places each time around.
    private const int RecordSize = 128;
    private const int HeaderSize = 8;
    private readonly SafeFileHandle _file;
    private readonly ulong* _producer;
    private readonly nuint _length;
    private readonly ulong _bytes;

    /// <param name="records">How many each <see cref="Write"/> makes readable; a power of two.</param>
    public MemoryRing(int records)
    {
        int page = Environment.SystemPageSize;
        _bytes = (ulong)(records * RecordSize);
        string path = Path.Combine("/dev/shm", Path.GetRandomFileName());
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
        Span<byte> record = stackalloc byte[RecordSize];
        // The consumer's page, the producer's, and the data twice: a ring of BPF maps the same pages twice.
        for (int i = 0; i < 2 * records; i++)
        {
            record.Clear();
            MemoryMarshal.Write(record, RecordSize - HeaderSize);
            MemoryMarshal.Write(record[HeaderSize..], new Notice { Pid = 1000 + i, Generation = (ulong)i, Weight = Notice.NormalWeight });
            RandomAccess.Write(_file, record, 2 * page + (long)i * RecordSize);
        }

        int descriptor = (int)_file.DangerousGetHandle();
        _length = (nuint)page;
        _producer = (ulong*)LibC.mmap(null, _length, LibC.ProtRead | LibC.ProtWrite, LibC.MapShared, descriptor, page);
        Reader = new RecordRing<Notice>(descriptor, (uint)_bytes);
    }

    public RecordRing<Notice> Reader { get; }

    /// <summary>Makes as many records readable as it holds.</summary>
    public void Write() => Volatile.Write(ref *_producer, *_producer + _bytes);

    public void Dispose()
    {
        Reader.Dispose();
        _ = LibC.munmap(_producer, _length);
        _file.Dispose();
    }
}
