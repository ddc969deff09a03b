using System.Reflection;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>One boot with containerd running in it, for all tests of a class.</summary>
/// <typeparam name="TTests">The class of tests.</typeparam>
public sealed class BootedNode<TTests> : IBootedKernel, IAsyncLifetime
{
    private const string BootLimit = "COXSWAIN_BOOT_LIMIT";
    private Guest? _guest;

    public Guest Guest => _guest ?? throw new InvalidOperationException("not booted yet");

    public async ValueTask InitializeAsync()
    {
        // The kernel unpacks 100 MB more than for other tests before it starts anything; nobody's limit is shortened by this.
        if (Environment.GetEnvironmentVariable(BootLimit) is null)
        {
            Environment.SetEnvironmentVariable(BootLimit, "240");
        }

        _guest = await Guest.BootAsync(typeof(TTests).GetCustomAttribute<RunsOnAttribute>()!.Series, ["--add", Repository.Containerd()]);
        // Not as a process of a test: it outlives them all.
        GuestResult started = await _guest.RunAsync(
            "setsid /opt/containerd/bin/cox-node >/run/node 2>&1 & until grep -q ready /run/node; do usleep 200000; done",
            TimeSpan.FromMinutes(4));
        if (started.ExitCode != 0)
        {
            string why = (await _guest.ControlAsync("cat /run/node; tail -n 20 /run/containerd.log 2>&1; ps")).Text;
            await DisposeAsync();
            throw new GuestException($"containerd did not start:\n{why}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }
}
