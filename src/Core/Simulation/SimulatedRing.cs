using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

/// <summary>The ring of notices: a fixed number of them, refused beyond.</summary>
internal sealed unsafe class SimulatedRing(int capacity) : IDisposable
{
    private Notice* _notices = (Notice*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)sizeof(Notice));
    private long _produced;
    private long _consumed;
    private long _released;

    /// <summary>Where the next notice goes; null when the ring is full.</summary>
    public Notice* Reserve() => _produced - _released == capacity ? null : _notices + _produced++ % capacity;

    /// <summary>The next notice, or null; valid until <see cref="Release"/>.</summary>
    public Notice* Next() => _consumed == _produced ? null : _notices + _consumed++ % capacity;

    /// <summary>Gives what was read back.</summary>
    public void Release() => _released = _consumed;

    public void Dispose()
    {
        NativeMemory.Free(_notices);
        _notices = null;
    }
}
