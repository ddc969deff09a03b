using System.Runtime.InteropServices;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Core.Simulation;

/// <summary>The simulated kernel as the dispatch loop sees it.</summary>
internal sealed unsafe class SimulatedPort(SimulatedKernel kernel) : IKernelPort, IDisposable
{
    public Verdict* Verdicts { get; private set; } = (Verdict*)NativeMemory.AllocZeroed(Batch.Max, (nuint)sizeof(Verdict));

    public int VerdictCapacity => Batch.Max;

    public Notice* NextNotice() => kernel.Ring.Next();

    public void EndRead(ulong startedNs)
    {
        kernel.Ring.Release();
        kernel.Beat(startedNs);
    }

    public void Apply(int count)
    {
        for (int i = 0; i < count; i++)
        {
            kernel.Apply(Verdicts[i]);
        }
    }

    public void Refresh(ref DispatchContext context)
    {
        context.NowNs = kernel.NowNs;
        context.VtimeNow = kernel.VtimeNow;
        context.SliceMaxNs = (ulong)kernel.Options.SliceNs;
        context.SliceMinNs = (ulong)kernel.Options.SliceMinNs;
        context.Cpus = kernel.Options.Cpus;
        context.CpuIds = kernel.Options.Cpus;
        context.CpuStates = kernel.States;
    }

    public void Dispose()
    {
        NativeMemory.Free(Verdicts);
        Verdicts = null;
    }
}
