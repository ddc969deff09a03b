using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;

namespace Coxswain.Guest.Probes;

/// <summary>What this kernel's verifier has to do for each of the scheduler's programs. Loads them, attaches nothing.</summary>
internal static class VerifierProbe
{
    public static Task<int> RunAsync(string[] arguments)
    {
        new Options(arguments).End();
        KernelState.RequireFree();
        using var report = new VerifierReport();
        try
        {
            using BtfData types = new Doctor().ReadKernelTypes()!;
            using var program = SchedulerProgram.Load(new SchedulerOptions(), types, report);
        }
        catch (Exception e) when (e is SchedulerUnavailableException or InvalidDataException)
        {
            throw new GuestException(e.Message);
        }

        ProbeJson.Print(json =>
        {
            json.WriteString("kernel", KernelState.Release);
            json.WriteStartObject("programs");
            foreach ((string name, VerifierCost cost) in report.Costs.OrderBy(c => c.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(name);
                json.WriteNumber("instructions", cost.Instructions);
                json.WriteNumber("total_states", cost.TotalStates);
                json.WriteNumber("peak_states", cost.PeakStates);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        });
        return Task.FromResult(ExitCode.Worked);
    }
}
