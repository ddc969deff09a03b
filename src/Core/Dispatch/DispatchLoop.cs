using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Dispatch;

/// <summary>Notices in, verdicts out: drain, order, apply.</summary>
/// <remarks>
/// Runs on one dedicated thread. Allocates nothing, takes no lock and does not block:
/// while it is held up tasks are scheduled by the kernel side, but without the policy. Uses only System and unmanaged
/// memory, so that it can run in a runtime of its own. The built-in policies are structs: only then does the runtime
/// compile a loop for each, with their calls inlined.
/// </remarks>
internal sealed unsafe class DispatchLoop<TPort, TPolicy>(TPort port, TPolicy policy, int capacity = PolicyNames.Capacity) : IDisposable
    where TPort : IKernelPort
    where TPolicy : IPolicy
{
    /// <summary>A policy that keeps a task for so long has lost it: the kernel side has long taken it.</summary>
    internal const ulong KeptMaxNs = 1_000_000_000;

    /// <summary>Longer rounds count as this long: a process that was stopped is not its policy's fault.</summary>
    internal const ulong RoundMaxNs = 10_000_000;

    private readonly WaitingTasks _tasks = new(capacity);
    private ulong _lastNs;
    private ulong _clockNs;

    /// <summary>One round; returns the number of notices read.</summary>
    /// <exception cref="PolicyFailedException">The policy lost a task, repeated one, or made something up.</exception>
    public int RunOnce()
    {
        DispatchContext context = default;
        port.Refresh(ref context);
        context.Notices = _tasks.Notices;
        context.Tickets = _tasks.Capacity;
        _clockNs += Math.Min(context.NowNs - _lastNs, RoundMaxNs);
        _lastNs = context.NowNs;
        int read = 0;
        for (Notice* notice = port.NextNotice(); notice != null; notice = port.NextNotice())
        {
            read++;
            int ticket = _tasks.Add(notice, _clockNs);
            if (ticket >= 0 && !policy.Enqueue(ticket, *notice, context))
            {
                _tasks.Remove(ticket);
            }
        }
        port.EndRead(context.NowNs);
        Answer(context);
        if (policy.Count != _tasks.Count)
        {
            PolicyFailedException.ThrowMiscounted(_tasks.Count, policy.Count);
        }
        if (_tasks.Count > 0 && _clockNs - _tasks.TakenInNs(_tasks.Oldest) > KeptMaxNs)
        {
            PolicyFailedException.ThrowLost(_tasks.Notices[_tasks.Oldest].Pid);
        }
        return read;
    }

    public void Dispose() => _tasks.Dispose();

    private void Answer(in DispatchContext context)
    {
        Verdict* verdicts = port.Verdicts;
        int capacity = port.VerdictCapacity;
        int count = 0;
        // Bounded by what is waiting: a policy that never ends would end the heartbeat.
        while (_tasks.Count > 0 && policy.TryDequeue(context, out int ticket))
        {
            if (!_tasks.Contains(ticket))
            {
                PolicyFailedException.ThrowNotWaiting(ticket);
            }
            Fill(verdicts + count, _tasks.Notices + ticket, context);
            _tasks.Remove(ticket);
            if (++count == capacity)
            {
                port.Apply(count);
                count = 0;
            }
        }
        if (count > 0)
        {
            port.Apply(count);
        }
    }

    private void Fill(Verdict* verdict, Notice* notice, in DispatchContext context)
    {
        int cpu = policy.SelectCpu(*notice, context);
        ulong sliceNs = policy.SelectSlice(*notice, context);
        if (cpu < Verdict.AnyCpu || cpu >= context.CpuIds)
        {
            PolicyFailedException.ThrowCpu(cpu, context.CpuIds);
        }
        if (sliceNs - Verdict.SliceMinNs > Verdict.SliceMaxNs - Verdict.SliceMinNs)
        {
            PolicyFailedException.ThrowSlice(sliceNs);
        }
        verdict->Generation = notice->Generation;
        verdict->StartTimeNs = notice->StartTimeNs;
        verdict->SliceNs = sliceNs;
        verdict->Vtime = policy.SelectVtime(*notice, context);
        verdict->Pid = notice->Pid;
        verdict->Cpu = cpu;
    }
}
