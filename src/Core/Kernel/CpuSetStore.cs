using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>CPU sets in the scheduler's memory, each with queues of its own.</summary>
internal sealed unsafe class CpuSetStore(SchedulerProgram program) : ICpuSetStore
{
    private readonly Dictionary<int, (string Key, int Uses)> _sets = [];
    private readonly Dictionary<string, int> _byKey = [];
    // The one given up longest ago is used again first: tasks queued in it before have long been taken.
    private readonly Queue<int> _free = new();
    private int _largest;

    public int Define(IReadOnlyCollection<int> cpus, bool hard)
    {
        if (cpus.Count == 0)
        {
            throw new ArgumentException("A CPU set needs at least one CPU.", nameof(cpus));
        }
        foreach (int cpu in cpus)
        {
            if (!program.Topology.IsPossible(cpu))
            {
                throw new ArgumentException($"This machine cannot have a CPU {cpu}; the largest id is {program.Topology.CpuIds - 1}.", nameof(cpus));
            }
        }
        string key = $"{(hard ? "hard" : "soft")} {string.Join(',', cpus.Distinct().Order())}";
        if (_byKey.TryGetValue(key, out int known))
        {
            _sets[known] = (key, _sets[known].Uses + 1);
            return known;
        }
        int cpuSet = _largest < ICpuSetStore.Max ? _largest + 1 : _free.Count > 0 ? _free.Peek()
            : throw new SchedulerUnavailableException($"There are {ICpuSetStore.Max} CPU sets already: give one up first.");
        Write(cpuSet, cpus, hard);
        if (cpuSet > _largest)
        {
            _largest = cpuSet;
        }
        else
        {
            _ = _free.Dequeue();
        }
        _sets[cpuSet] = (key, 1);
        _byKey[key] = cpuSet;
        return cpuSet;
    }

    public void Release(int cpuSet)
    {
        (string key, int uses) = Known(cpuSet);
        if (uses > 1)
        {
            _sets[cpuSet] = (key, uses - 1);
            return;
        }
        // It keeps its CPUs and queues: what is queued in it still has to be taken.
        _sets.Remove(cpuSet);
        _byKey.Remove(key);
        _free.Enqueue(cpuSet);
    }

    public IReadOnlyList<int> Read(int cpuSet)
    {
        _ = Known(cpuSet);
        Home* home = program.Homes.Pointer + Home.MaxLlcs + cpuSet;
        return [.. Enumerable.Range(0, CpuState.Max).Where(cpu => (home->Cpus[cpu / 64] >> (cpu % 64) & 1) != 0)];
    }

    private (string Key, int Uses) Known(int cpuSet) =>
        _sets.TryGetValue(cpuSet, out (string, int) set) ? set : throw new ArgumentException($"There is no CPU set {cpuSet}.", nameof(cpuSet));

    private void Write(int cpuSet, IReadOnlyCollection<int> cpus, bool hard)
    {
        var bits = default(Home.CpuBits);
        foreach (int cpu in cpus)
        {
            bits[cpu / 64] |= 1UL << (cpu % 64);
        }
        Home* home = program.Homes.Pointer + Home.MaxLlcs + cpuSet;
        for (int word = 0; word < Home.CpuBits.Words; word++)
        {
            Volatile.Write(ref home->Cpus[word], bits[word]);
        }
        home->Node = -1;
        home->Loop = (uint)program.Loops.OfLlc((int)program.Cpus.Pointer[cpus.Min()].Llc);
        Volatile.Write(ref *(uint*)&home->Kind, (uint)(hard ? HomeKind.Hard : HomeKind.Soft));
        var request = new DefineSet { CpuSet = (uint)cpuSet };
        var run = new LibBpf.TestRunOptions
        {
            Size = (nuint)sizeof(LibBpf.TestRunOptions),
            ContextIn = &request,
            ContextSizeIn = (uint)sizeof(DefineSet),
        };
        int error = LibBpf.bpf_prog_test_run_opts(program.DefineSetFd, &run);
        error = error != 0 ? error : request.Error;
        if (error != 0)
        {
            throw new SchedulerUnavailableException($"The kernel did not make a CPU set: {Marshal.GetPInvokeErrorMessage(-error)} (errno {-error}).");
        }
        uint largest = program.Control.Pointer->NrCpuSets;
        Volatile.Write(ref program.Control.Pointer->NrCpuSets, Math.Max(largest, (uint)cpuSet));
    }
}
