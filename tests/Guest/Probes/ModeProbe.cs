using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>Reads mode and counters of the attached scheduler out of the kernel, also while its process is stopped.</summary>
internal static class ModeProbe
{
    public static unsafe Task<int> RunAsync(string[] arguments)
    {
        new Options(arguments).End();
        // libbpf names the map of a section after the section; the kernel keeps 15 characters.
        int stateFd = BpfMaps.Open(".bss.state", sizeof(State));
        int cpusFd = BpfMaps.Open(".bss.cpus", sizeof(CpuState) * CpuState.Max);
        if (stateFd < 0 || cpusFd < 0)
        {
            throw new GuestException("no scheduler of ours is loaded");
        }

        using var state = new MappedMap<State>(stateFd);
        using var cpus = new MappedMap<CpuState>(cpusFd, CpuState.Max);
        ProbeJson.Print(json =>
        {
            json.WriteString("mode", state.Pointer->NrAlone == 0 ? "assist" : "autonomous");
            json.WriteNumber("nr_autonomous", state.Pointer->NrAutonomous);
            json.WriteNumber("nr_assist", state.Pointer->NrAssist);
            json.WriteMap("counters", SchedulerCounters.Sum(cpus));
            json.WriteMap("class_run_ns", SelfKnowledge.Classes(cpus).ToDictionary(c => c.Key, c => c.Value.RunNs));
        });
        return Task.FromResult(ExitCode.Worked);
    }
}
