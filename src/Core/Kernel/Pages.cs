using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>Memory straight from the kernel, to which all of it goes back. What malloc is given back it may keep, and lock with the rest.</summary>
internal readonly unsafe struct Pages
{
    private readonly void* _address;
    private readonly nuint _length;

    /// <param name="bytes">How many; 0 is one.</param>
    /// <exception cref="IOException">There are not so many.</exception>
    public Pages(long bytes)
    {
        _length = (nuint)Math.Max(bytes, 1);
        void* address = LibC.mmap(null, _length, LibC.ProtRead | LibC.ProtWrite, LibC.MapPrivate | LibC.MapAnonymous, -1, 0);
        _address = address != (void*)-1 ? address : throw new IOException($"The kernel has no {bytes} bytes of memory.");
    }

    public byte* Bytes => (byte*)_address;

    public int* Numbers => (int*)_address;

    /// <summary>Brings all of them in now, so that nobody waits for one later.</summary>
    public void Touch() => NativeMemory.Clear(_address, _length);

    public void Free()
    {
        if (_address != null)
        {
            _ = LibC.munmap(_address, _length);
        }
    }
}
