namespace Coxswain.Core.Kernel;

/// <summary>Tells which CPUs there are and what they share.</summary>
public interface ITopologySource
{
    /// <summary>Ids of the CPUs that are online, ascending.</summary>
    IReadOnlyList<int> OnlineCpus();

    /// <summary>Reads everything anew: CPUs come and go.</summary>
    MachineTopology Read();
}
