using System.Reflection;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>One boot with systemd running in it, and the units of deploy/ installed, for all tests of a class.</summary>
/// <typeparam name="TTests">The class of tests.</typeparam>
/// <remarks>The first process of the guest is vm/run's, so systemd is the first of a PID namespace; what it starts is seen from within that only.</remarks>
public sealed class BootedServices<TTests> : IBootedKernel, IAsyncLifetime
{
    private Guest? _guest;

    public Guest Guest => _guest ?? throw new InvalidOperationException("not booted yet");

    /// <summary>Begins a command that is to run where systemd and its services are.</summary>
    public string Inside { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        IReadOnlyList<string> files = [.. Repository.Systemd(), $"{Path.Combine(Repository.Root, "deploy")}:/deploy"];
        _guest = await Guest.BootAsync(typeof(TTests).GetCustomAttribute<RunsOnAttribute>()!.Series, [.. files.SelectMany(file => (string[])["--add", file])]);
        // What Debian's package of systemd has besides, as far as these units name it; and what ours is to have in the end.
        GuestResult started = await _guest.RunAsync(
            """
            units=/usr/lib/systemd/system
            mkdir -p $units /etc/systemd/system/coxswain.service.d /etc/coxswain /var/log /var/lib /tmp &&
            for target in basic sysinit sockets multi-user shutdown local-fs; do
                printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target >$units/$target.target || exit
            done
            cp /usr/local/bin/coxswain /usr/bin/ && cp /deploy/coxswain.service /deploy/coxswain.socket $units && echo coxswain:x:990: >>/etc/group || exit
            # A host's clock is faster than an emulated one: what takes it half a minute is to be seen in less.
            printf '[Service]\nWatchdogSec=8\n' >/etc/systemd/system/coxswain.service.d/sooner.conf
            echo 0123456789abcdef0123456789abcdef >/etc/machine-id
            setsid unshare --fork --pid --mount --mount-proc env container=vm /usr/lib/systemd/systemd --system --unit=multi-user.target --log-target=null \
                </dev/null >/dev/null 2>&1 &
            until first=$(pidof systemd); do usleep 50000; done
            until nsenter --target $first --pid --mount systemctl is-system-running --quiet; do usleep 200000; done
            echo $first
            """,
            TimeSpan.FromMinutes(2));
        if (started.ExitCode != 0)
        {
            await DisposeAsync();
            throw new GuestException($"systemd did not start: {started}");
        }

        Inside = $"nsenter --target {started.LastLine} --pid --mount";
    }

    public async ValueTask DisposeAsync()
    {
        if (_guest is { } guest)
        {
            _guest = null;
            await guest.DisposeAsync();
        }
    }
}
