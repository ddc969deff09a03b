namespace Coxswain.Guest.Pods;

/// <summary>A container of a pod.</summary>
/// <param name="Name">Name within the pod.</param>
/// <param name="Command">For the image's shell.</param>
internal sealed record ContainerSpec(string Name, string Command)
{
    /// <summary>A directory of the machine that the container sees under the same path; empty: none.</summary>
    public string SharedDirectory { get; init; } = "";

    /// <summary>Whether it sees the processes of the machine, with the numbers that they have there.</summary>
    public bool SharesProcessIds { get; init; }
}
