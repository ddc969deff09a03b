namespace Coxswain.Guest;

/// <summary>Starts programs of the workload in one kind of place: as plain processes, in cgroups, in pods.</summary>
internal interface ILauncher
{
    /// <summary>A directory that those programs and we see under the same path.</summary>
    string SharedDirectory { get; }

    /// <summary>Starts one. Several may be started at the same time.</summary>
    Task<IProgram> StartAsync(Home home, string program, params string[] arguments);
}
