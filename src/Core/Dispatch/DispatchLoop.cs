using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>Notices in, verdicts out: drain, order, apply, wait.</summary>
/// <remarks>
/// Runs on one dedicated thread. Allocates nothing, takes no lock and blocks only in <see cref="IKernelPort.Wait"/>:
/// while it is held up tasks are scheduled by the kernel side, but without the policy. Uses only System and unmanaged
/// memory, so that it can run in a runtime of its own.
/// </remarks>
internal sealed unsafe class DispatchLoop<TPort, TPolicy>(TPort port, TPolicy policy)
    where TPort : IKernelPort
    where TPolicy : IPolicy
{
    private int _waiting;

    /// <summary>One round; returns the number of notices read.</summary>
    /// <exception cref="PolicyFailedException">The policy lost tasks, or made some up.</exception>
    public int RunOnce()
    {
        DispatchContext context = default;
        port.Refresh(ref context);
        int read = 0;
        for (Notice* notice = port.NextNotice(); notice != null; notice = port.NextNotice())
        {
            if (policy.Enqueue(*notice, context))
            {
                _waiting++;
            }
            read++;
        }
        port.EndRead(context.NowNs);
        int count = 0;
        // Bounded by what is waiting: a policy that never ends would end the heartbeat.
        while (_waiting > 0 && policy.TryDequeue(context, out Verdict verdict))
        {
            _waiting--;
            port.Verdicts[count++] = verdict;
            if (count == port.VerdictCapacity)
            {
                port.Apply(count);
                count = 0;
            }
        }
        if (count > 0)
        {
            port.Apply(count);
        }
        if (policy.Count != _waiting)
        {
            PolicyFailedException.Throw(_waiting, policy.Count);
        }
        return read;
    }
}
