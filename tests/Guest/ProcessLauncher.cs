namespace Coxswain.Guest;

/// <summary>Starts plain processes, below this one and in its cgroup.</summary>
internal sealed class ProcessLauncher : ILauncher
{
    public string SharedDirectory => Path.GetTempPath();

    public Task<IProgram> StartAsync(Home home, string program, params string[] arguments) =>
        Task.FromResult<IProgram>(Child.Start(program, arguments));
}
