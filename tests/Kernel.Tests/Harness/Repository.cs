namespace Coxswain.Kernel.Tests.Harness;

/// <summary>Where the repository and what it builds are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Runs a command in a guest.</summary>
    public static string VmRun => Path.Combine(Root, "vm", "run");

    /// <summary>Programs that the tests run in the guest beside what vm/run brings by itself.</summary>
    /// <exception cref="GuestException">One is missing. The tests must not go on without it.</exception>
    public static IReadOnlyList<string> Programs()
    {
        string Built(params ReadOnlySpan<string> path) =>
            Required(Path.Combine([Root, "artifacts", .. path]), "build it with `make build` and `make test`");
        string Installed(string name) => Required(Path.Combine("/usr/bin", name), "install it with `make deps`");

        // vm/run brings this one, if it is there.
        _ = Built("bin", "coxswain");
        return
        [
            Built("bin", "coxswain-guest"),
            Built("workloads", "cox-calls"),
            Built("workloads", "cox-chain"),
            Built("workloads", "cox-hog"),
            Built("workloads", "cox-mt"),
            Built("workloads", "cox-shell"),
            Built("workloads", "cox-spawn"),
            Built("workloads", "cox-storm"),
            Built("workloads", "cox-waits"),
            Built("workloads", "cox-wake"),
            Installed("env"),
            Installed("hackbench"),
            Installed("nice"),
            Installed("stress-ng"),
        ];
    }

    /// <summary>containerd and an image for its pods, as vm/run's --add takes them.</summary>
    /// <exception cref="GuestException">They are missing.</exception>
    public static string Containerd() =>
        $"{Path.GetDirectoryName(Path.GetDirectoryName(Required(Path.Combine(Root, "artifacts/containerd/etc/made"), "make it with `build/containerd.sh`")))}:/opt/containerd";

    /// <summary>This machine's systemd and what is needed to run it in a guest, as vm/run's --add takes them.</summary>
    /// <exception cref="GuestException">It is missing.</exception>
    public static IReadOnlyList<string> Systemd()
    {
        // It starts services from 255 on.
        const string Executor = "/usr/lib/systemd/systemd-executor";
        return
        [
            .. ((string[])["/usr/lib/systemd/systemd", "/usr/bin/systemctl", "/usr/bin/unshare", "/usr/bin/nsenter"])
                .Select(file => Required(file, "install it with `make deps`"))
                .Concat(File.Exists(Executor) ? [Executor] : [])
                .Select(file => $"{file}:{file}"),
        ];
    }

    private static string Required(string path, string remedy) =>
        File.Exists(path) ? path : throw new GuestException($"{path} is missing: {remedy}.");

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Coxswain.slnx")))
            {
                return directory.FullName;
            }
        }

        throw new GuestException($"no repository above {AppContext.BaseDirectory}");
    }
}
