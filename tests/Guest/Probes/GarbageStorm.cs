using System.Diagnostics;
using System.Text.Json;

namespace Coxswain.Guest.Probes;

/// <summary>A managed process at its worst: 500 MB of garbage a second, a part of it long-lived, and full blocking collections.</summary>
internal sealed class GarbageStorm : IDisposable
{
    // Of the 500 that are wanted a pause at the end costs some.
    private const double BytesPerSecond = 520e6;
    private const int Threads = 2;

    /// <summary>Kept alive by each thread, so that a collection has something to mark and to move: 256 arrays of up to 16 KB.</summary>
    private const int Kept = 256;

    /// <summary>Between any two that are kept. Nobody clears or reads it, so that it costs collections and hardly anything else.</summary>
    private const int FleetingBytes = 48 * 1024;
    private static readonly TimeSpan s_betweenCollections = TimeSpan.FromMilliseconds(100);

    private readonly List<Thread> _threads = [];
    private readonly Stopwatch _elapsed = new();
    private volatile bool _going;
    private long _allocated;
    private int _collections;
    private TimeSpan _pausedBefore;
    private double _pausedMs;

    public void Start()
    {
        Stop();
        _going = true;
        _allocated = 0;
        _collections = 0;
        _pausedBefore = GC.GetTotalPauseDuration();
        _elapsed.Restart();
        for (int i = 0; i < Threads; i++)
        {
            _threads.Add(new Thread(Allocate));
        }

        _threads.Add(new Thread(Collect));
        foreach (Thread thread in _threads)
        {
            thread.IsBackground = true;
            thread.Start();
        }
    }

    public void Stop()
    {
        _going = false;
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        if (_threads.Count > 0)
        {
            _elapsed.Stop();
            _pausedMs = (GC.GetTotalPauseDuration() - _pausedBefore).TotalMilliseconds;
        }

        _threads.Clear();
    }

    /// <summary>What the last storm did.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("garbage");
        json.WriteNumber("seconds", Math.Round(_elapsed.Elapsed.TotalSeconds, 3));
        json.WriteNumber("allocated_mb", Interlocked.Read(ref _allocated) / 1_000_000);
        json.WriteNumber("blocking_collections", _collections);
        json.WriteNumber("paused_ms", Math.Round(_pausedMs));
        json.WriteEndObject();
    }

    public void Dispose() => Stop();

    private void Allocate()
    {
        byte[][] kept = new byte[Kept][];
        for (int i = 0; _going; i++)
        {
            byte[] garbage = new byte[1024 + i % 15 * 1024];
            kept[i % Kept] = garbage;
            byte[] fleeting = GC.AllocateUninitializedArray<byte>(FleetingBytes);
            double due = Interlocked.Add(ref _allocated, garbage.Length + fleeting.Length) / BytesPerSecond;
            if (due > _elapsed.Elapsed.TotalSeconds + 0.01)
            {
                Thread.Sleep(5);
            }
        }

        GC.KeepAlive(kept);
    }

    private void Collect()
    {
        while (_going)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            _collections++;
            Thread.Sleep(s_betweenCollections);
        }
    }
}
