using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>A BPF array map in this process's memory.</summary>
internal sealed unsafe class MappedMap<T> : IDisposable where T : unmanaged
{
    private readonly nuint _length;

    /// <param name="fd">The map, created with BPF_F_MMAPABLE, as libbpf does for global variables.</param>
    /// <param name="count">Number of elements of <typeparamref name="T"/> in it.</param>
    public MappedMap(int fd, int count = 1)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        _length = ((nuint)(sizeof(T) * count) + page - 1) & ~(page - 1);
        void* address = LibC.mmap(null, _length, LibC.ProtRead | LibC.ProtWrite, LibC.MapShared, fd, 0);
        if (address == (void*)-1)
        {
            throw new InvalidOperationException($"mmap of a BPF map failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
        Pointer = (T*)address;
        Count = count;
    }

    /// <summary>The elements; valid until disposal.</summary>
    public T* Pointer { get; private set; }

    public int Count { get; }

    public void Dispose()
    {
        if (Pointer != null)
        {
            _ = LibC.munmap(Pointer, _length);
            Pointer = null;
        }
    }
}
