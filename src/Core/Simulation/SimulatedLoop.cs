using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Simulation;

/// <summary>The dispatch loop, with a policy, on a simulated kernel.</summary>
public sealed class SimulatedLoop : IDisposable
{
    private readonly SimulatedKernel _kernel;
    private readonly IDisposable? _policy;
    private readonly IDisposable _loop;

    private SimulatedLoop(SimulatedKernel kernel, Func<int> round, IDisposable loop, IDisposable? policy)
    {
        _kernel = kernel;
        _loop = loop;
        _policy = policy;
        kernel.Connect(() => Run(round));
    }

    /// <summary>Why the policy is not asked any more; empty when it is.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Starts the loop with a built-in policy.</summary>
    /// <param name="kernel">Where; what was its loop before must have been disposed of.</param>
    /// <param name="policy">One of <see cref="PolicyNames.All"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    public static SimulatedLoop Start(SimulatedKernel kernel, string policy) => policy switch
    {
        PolicyNames.Fifo => With(kernel, new FifoPolicy(PolicyNames.Capacity)),
        PolicyNames.Vtime => With(kernel, new VtimePolicy(PolicyNames.Capacity)),
        PolicyNames.Deadline => With(kernel, new DeadlinePolicy(PolicyNames.Capacity)),
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, $"Known policies: {string.Join(", ", PolicyNames.All)}."),
    };

    /// <summary>Starts the loop with a policy of one's own.</summary>
    /// <param name="kernel">Where; what was its loop before must have been disposed of.</param>
    /// <param name="policy">Disposed of with the loop, if it can be.</param>
    public static SimulatedLoop Start(SimulatedKernel kernel, IPolicy policy) => With(kernel, policy);

    /// <summary>Ends the loop, as the end of its process would.</summary>
    public void Dispose()
    {
        _kernel.Disconnect();
        _loop.Dispose();
        _policy?.Dispose();
    }

    private static SimulatedLoop With<TPolicy>(SimulatedKernel kernel, TPolicy policy) where TPolicy : IPolicy
    {
        var loop = new DispatchLoop<SimulatedPort, TPolicy>(kernel.Port, policy);
        return new SimulatedLoop(kernel, loop.RunOnce, loop, policy as IDisposable);
    }

    private int Run(Func<int> round)
    {
        try
        {
            return round();
        }
#pragma warning disable CA1031 // As in the dispatch thread: whatever a policy throws, scheduling goes on in the kernel's order.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = $"{e.GetType().Name}: {e.Message}";
            _kernel.Mode = AskingMode.Kernel;
            _kernel.Disconnect();
            return 0;
        }
    }
}
