using System.Globalization;
using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>A thread that runs the dispatch loop, on the CPUs that it serves.</summary>
internal sealed class DispatchThread : IDisposable
{
    private readonly BpfPort _port;
    private readonly IDisposable _loop;
    private readonly IDisposable? _policy;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _warm = new();
    private long _allocatedBytes;
    private volatile string _failure = "";

    private DispatchThread(BpfPort port, IDisposable loop, IDisposable? policy, Action<DispatchThread> body)
    {
        _port = port;
        _loop = loop;
        _policy = policy;
        _thread = new Thread(() => body(this), maxStackSize: 256 * 1024) { Name = NameOf(port.Loop), IsBackground = true };
    }

    /// <summary>Bytes that the loop has allocated since it was warm; stays 0.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    /// <summary>Why the policy is not asked any more; empty when it is.</summary>
    public string Failure => _failure;

    /// <summary>Starts a loop with a policy and returns once it has run a first time.</summary>
    /// <param name="program">The kernel side.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="loop">Number of the loop in <see cref="SchedulerProgram.Loops"/>.</param>
    public static DispatchThread Start(SchedulerProgram program, SchedulerOptions options, int loop)
    {
        var port = new BpfPort(program, loop);
        int capacity = program.Loops.Capacity;
        DispatchThread thread = options.CreatePolicy is { } create ? With(port, create()) : options.Policy switch
        {
            PolicyNames.Fifo => With(port, new FifoPolicy(capacity)),
            PolicyNames.Vtime => With(port, new VtimePolicy(capacity)),
            PolicyNames.Deadline => With(port, new DeadlinePolicy(capacity)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Policy, "Unknown policy."),
        };
        thread._thread.Start();
        thread._warm.Wait();
        return thread;
    }

    public void Dispose()
    {
        _port.Stop();
        _thread.Join();
        _port.Dispose();
        _loop.Dispose();
        _policy?.Dispose();
        _warm.Dispose();
    }

    // One instance of the loop per built-in policy; one's own is called through the interface.
    private static DispatchThread With<TPolicy>(BpfPort port, TPolicy policy) where TPolicy : IPolicy
    {
        var loop = new DispatchLoop<BpfPort, TPolicy>(port, policy, port.TicketCapacity);
        return new DispatchThread(port, loop, policy as IDisposable, thread => thread.Run(loop));
    }

    /// <summary>The kernel keeps 15 characters of it.</summary>
    private static string NameOf(int loop) => loop == 0 ? "cox-dispatch" : string.Create(CultureInfo.InvariantCulture, $"cox-dispatch/{loop}");

    private void Run<TPolicy>(DispatchLoop<BpfPort, TPolicy> loop) where TPolicy : IPolicy
    {
        try
        {
            _port.StayNear();
            loop.RunOnce();
            _port.Apply(0);
            _warm.Set();
            long before = GC.GetAllocatedBytesForCurrentThread();
            while (!_port.Stopping)
            {
                if (loop.RunOnce() == 0)
                {
                    _port.Wait();
                }
                Volatile.Write(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
#pragma warning disable CA1031 // A policy may be anybody's: whatever it throws, scheduling goes on in the kernel's order.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = $"{e.GetType().Name}: {e.Message}";
            _port.GiveUp();
        }
        finally
        {
            _warm.Set();
        }
    }
}
