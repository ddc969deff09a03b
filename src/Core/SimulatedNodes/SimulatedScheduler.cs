using Coxswain.Core.Kernel;
using Coxswain.Core.Policies;
using Coxswain.Core.Simulation;

namespace Coxswain.Core.SimulatedNodes;

/// <summary>The scheduler of a simulated machine: attached, it orders tasks with a policy and holds directives. Thread-safe.</summary>
public sealed class SimulatedScheduler : IStartableScheduler, ISchedulerSettings
{
    private const string KernelName = "simulated";

    private readonly SimulatedNode _node;
    private string _policy = PolicyNames.All[0];
    private AskingMode _mode;
    private DateTimeOffset? _attachedSince;
    private SimulatedLoop? _loop;
    private string _reason = "The scheduler has not been started.";

    internal SimulatedScheduler(SimulatedNode node, SimulationOptions options)
    {
        _node = node;
        _mode = options.Mode;
        Store = new SimulatedDirectives(node);
        Sets = new SimulatedCpuSets(node);
    }

    /// <inheritdoc/>
    public IDirectiveStore Directives => Attached(Store);

    /// <inheritdoc/>
    public ICgroupDirectiveStore CgroupDirectives => Attached(Store);

    /// <inheritdoc/>
    public ICpuSetStore CpuSets => Attached(Sets);

    /// <summary>Always null: nothing ends it.</summary>
    public SchedulerExit? KernelExit => null;

    internal SimulatedDirectives Store { get; }

    internal SimulatedCpuSets Sets { get; }

    /// <inheritdoc/>
    public void Start()
    {
        lock (_node.Gate)
        {
            if (_loop is null)
            {
                _node.Follow();
                _node.Kernel.Mode = _mode;
                _loop = SimulatedLoop.Start(_node.Kernel, _policy);
                _attachedSince = _node.Now;
                _reason = "";
            }
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_node.Gate)
        {
            if (_loop is { } loop)
            {
                _node.Follow();
                loop.Dispose();
                _loop = null;
                _node.Kernel.Mode = AskingMode.Kernel;
                Store.Clear();
                Sets.Clear();
                _attachedSince = null;
                _reason = "The scheduler was stopped.";
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The machine is left where it is: it need not be worked off for somebody who looks whether all is as it was.</remarks>
    public SchedulerState ReadState()
    {
        lock (_node.Gate)
        {
            bool attached = _loop is not null;
            return new SchedulerState
            {
                Attached = attached,
                KernelState = attached ? "enabled" : "disabled",
                OpsName = attached ? "coxswain" : "",
                Reason = _reason,
                Mode = attached ? ModeName : "",
                DispatchLoops = 1,
                AutonomousCount = _node.Kernel.AutonomousCount,
                Policy = _policy,
                PolicyFailure = _loop?.Failure ?? "",
                LeaseNs = _mode == AskingMode.Strict ? SchedulerOptions.LeaseMaxNs : _node.Kernel.LeaseNs,
                SliceNs = _node.Kernel.SliceNs,
                AttachedSince = _attachedSince,
                KernelRelease = KernelName,
                Cpus = _node.Cpus,
            };
        }
    }

    /// <inheritdoc/>
    public SchedulerSnapshot Snapshot()
    {
        lock (_node.Gate)
        {
            _node.Follow();
            var snapshot = new SchedulerSnapshot(ReadState());
            var totals = _node.Kernel.Totals;
            return snapshot.Attached ? snapshot with { Counters = SchedulerCounters.Named(totals), Classes = SelfKnowledge.Classes(totals) } : snapshot;
        }
    }

    /// <inheritdoc/>
    public void SetMode(AskingMode mode)
    {
        lock (_node.Gate)
        {
            _node.Follow();
            _mode = mode;
            if (_loop is not null)
            {
                _node.Kernel.Mode = mode;
            }
        }
    }

    /// <inheritdoc/>
    public void SetLease(long leaseNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leaseNs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leaseNs, SchedulerOptions.LeaseMaxNs);
        lock (_node.Gate)
        {
            _node.Follow();
            _node.Kernel.LeaseNs = leaseNs;
        }
    }

    /// <inheritdoc/>
    public void SetSlice(long sliceNs)
    {
        lock (_node.Gate)
        {
            _node.Follow();
            _node.Kernel.SliceNs = sliceNs;
        }
    }

    /// <inheritdoc/>
    public void SetPolicy(string policy)
    {
        if (!PolicyNames.All.Contains(policy))
        {
            throw new ArgumentOutOfRangeException(nameof(policy), policy, $"Known policies: {string.Join(", ", PolicyNames.All)}.");
        }
        lock (_node.Gate)
        {
            _node.Follow();
            _policy = policy;
            if (_loop is { } loop)
            {
                loop.Dispose();
                _node.Kernel.Mode = _mode;
                _loop = SimulatedLoop.Start(_node.Kernel, policy);
            }
        }
    }

    private string ModeName => _node.Kernel switch
    {
        { Mode: AskingMode.Kernel } => "kernel",
        { IsAutonomous: true } => "autonomous",
        { Mode: AskingMode.Strict } => "strict",
        _ => "assist",
    };

    private T Attached<T>(T store) => _loop is not null ? store : throw new SchedulerUnavailableException(_reason);
}
