namespace Coxswain.Guest.Bench;

/// <summary>Starts programs in a cgroup of their own, with the weight that a cgroup has when nobody says anything.</summary>
internal sealed class CgroupLauncher : ILauncher, IDisposable
{
    private const string Mount = "/sys/fs/cgroup";
    private const string UsualWeight = "100";
    private readonly string _directory;

    /// <exception cref="GuestException">There cannot be one.</exception>
    public CgroupLauncher(string name)
    {
        Path = $"/{name}";
        _directory = Mount + Path;
        try
        {
            File.WriteAllText($"{Mount}/cgroup.subtree_control", "+cpu");
            Directory.CreateDirectory(_directory);
            File.WriteAllText($"{_directory}/cpu.weight", UsualWeight);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"{_directory}: {e.Message}");
        }
    }

    /// <summary>Below the mount, as tools name it.</summary>
    public string Path { get; }

    public string SharedDirectory => System.IO.Path.GetTempPath();

    public Task<IProgram> StartAsync(Home home, string program, params string[] arguments) => Task.FromResult<IProgram>(Child.Start(
        "/bin/sh", ["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", _directory, program, .. arguments]));

    /// <summary>Takes it away once those in it have ended.</summary>
    public void Dispose()
    {
        for (int attempt = 0; attempt < 100 && Directory.Exists(_directory); attempt++)
        {
            try
            {
                Directory.Delete(_directory);
            }
            catch (IOException)
            {
                Thread.Sleep(20); // the kernel may take a moment to see that they have
            }
        }
    }
}
