namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A cgroup in the guest; ended with all that is in it.</summary>
public sealed class Cgroup : IAsyncDisposable
{
    private readonly Guest _guest;

    private Cgroup(Guest guest, string path)
    {
        _guest = guest;
        Path = path;
    }

    /// <summary>Directory of the cgroup.</summary>
    public string Path { get; }

    /// <summary>For a command line: the process that becomes the command enters the cgroup first.</summary>
    public string Enter => $"echo $$ >{Path}/cgroup.procs; exec";

    public static async Task<Cgroup> CreateAsync(Guest guest, string name)
    {
        string path = $"/sys/fs/cgroup/{name}";
        (await guest.ControlAsync($"mkdir {path}")).Succeeded();
        return new Cgroup(guest, path);
    }

    /// <summary>Writes one of its files.</summary>
    public async Task SetAsync(string file, string value) => (await _guest.ControlAsync($"echo {value} >{Path}/{file}")).Succeeded();

    /// <summary>Moves a process into it.</summary>
    public Task AddAsync(GuestProcess process) => SetAsync("cgroup.procs", $"{process.Pid}");

    public async ValueTask DisposeAsync() =>
        (await _guest.ControlAsync(
            $"echo 0 >{Path}/cgroup.freeze; echo 1 >{Path}/cgroup.kill; for i in $(seq 200); do rmdir {Path} 2>/dev/null && exit; usleep 50000; done; rmdir {Path}")).Succeeded();
}
