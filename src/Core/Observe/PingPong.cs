using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;

namespace Coxswain.Core.Observe;

/// <summary>Two threads on one CPU that hand a byte to each other: nothing but wake-ups and switches.</summary>
internal sealed unsafe class PingPong : IDisposable
{
    private const int MaskBytes = 128;
    private const int Eintr = 4;

    private readonly int[] _there = Pipe();
    private readonly int[] _back = Pipe();
    private readonly int _cpu = Math.Max(0, LibC.sched_getcpu());

    /// <summary>Runs it.</summary>
    /// <param name="rounds">How often the byte goes there and back.</param>
    /// <returns>CPU time of both threads for each switch with its wake-up, ns; what others do on the CPU meanwhile does not count.</returns>
    /// <exception cref="InvalidOperationException">The kernel refused something.</exception>
    public double Run(int rounds)
    {
        Exception? failure = null;
        long pingNs = 0, pongNs = 0;
        var pong = new Thread(() => pongNs = Play(rounds, _there[0], _back[1], isFirst: false, ref failure)) { IsBackground = true };
        var ping = new Thread(() => pingNs = Play(rounds, _back[0], _there[1], isFirst: true, ref failure)) { IsBackground = true };
        pong.Start();
        ping.Start();
        ping.Join();
        pong.Join();
        return failure is null ? (pingNs + pongNs) / (2.0 * rounds) : throw new InvalidOperationException(failure.Message, failure);
    }

    public void Dispose()
    {
        foreach (var fd in (ReadOnlySpan<int>)[.. _there, .. _back])
        {
            _ = LibC.close(fd);
        }
    }

    private long Play(int rounds, int from, int to, bool isFirst, ref Exception? failure)
    {
        try
        {
            Span<byte> mask = stackalloc byte[MaskBytes];
            mask.Clear();
            mask[_cpu / 8] = (byte)(1 << _cpu % 8);
            fixed (byte* cpus = mask)
            {
                Check(LibC.sched_setaffinity(0, MaskBytes, cpus) == 0, "sched_setaffinity");
            }

            var began = ThreadClock.NowNs;
            for (var round = 0; round < rounds; round++)
            {
                if (isFirst)
                {
                    Write(to);
                    Read(from);
                }
                else
                {
                    Read(from);
                    Write(to);
                }
            }

            return ThreadClock.NowNs - began;
        }
        catch (InvalidOperationException exception)
        {
            failure = exception;
            return 0;
        }
    }

    private static void Read(int fd)
    {
        byte one;
        nint result;
        do
        {
            result = LibC.read(fd, &one, 1);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Eintr);
        Check(result == 1, "read of a pipe");
    }

    private static void Write(int fd)
    {
        byte one = 1;
        nint result;
        do
        {
            result = LibC.write(fd, &one, 1);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Eintr);
        Check(result == 1, "write to a pipe");
    }

    private static int[] Pipe()
    {
        var ends = new int[2];
        fixed (int* fds = ends)
        {
            Check(LibC.pipe2(fds, LibC.OpenCloseOnExec) == 0, "pipe");
        }

        return ends;
    }

    private static void Check(bool worked, string what)
    {
        if (!worked)
        {
            throw new InvalidOperationException($"{what} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }
}
