using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>The thread that the dispatch loop runs on.</summary>
internal sealed class DispatchThread : IDisposable
{
    private readonly BpfPort _port;
    private readonly IDisposable _policy;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _warm = new();
    private long _allocatedBytes;

    private DispatchThread(BpfPort port, IDisposable policy, Action<DispatchThread> body)
    {
        _port = port;
        _policy = policy;
        _thread = new Thread(() => body(this), maxStackSize: 256 * 1024) { Name = "cox-dispatch", IsBackground = true };
    }

    /// <summary>Bytes that the loop has allocated since it was warm; stays 0.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    /// <summary>Starts the loop with a policy and returns once it has run a first time.</summary>
    public static DispatchThread Start(SchedulerProgram program, string policy)
    {
        var port = new BpfPort(program);
        DispatchThread thread = policy switch
        {
            PolicyNames.Fifo => With(port, new FifoPolicy(PolicyNames.Capacity)),
            PolicyNames.Vtime => With(port, new VtimePolicy(PolicyNames.Capacity)),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Unknown policy."),
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
        _policy.Dispose();
        _warm.Dispose();
    }

    // One instance of the loop per policy: its calls are direct, and inlined.
    private static DispatchThread With<TPolicy>(BpfPort port, TPolicy policy) where TPolicy : IPolicy, IDisposable
    {
        var loop = new DispatchLoop<BpfPort, TPolicy>(port, policy);
        return new DispatchThread(port, policy, thread => thread.Run(loop));
    }

    private void Run<TPolicy>(DispatchLoop<BpfPort, TPolicy> loop) where TPolicy : IPolicy
    {
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
}
