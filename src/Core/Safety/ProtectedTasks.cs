using Coxswain.Core.Workloads;

namespace Coxswain.Core.Safety;

/// <summary>The threads that no intent may touch, because the machine, its operator's way in or this program depends on them.</summary>
public sealed class ProtectedTasks
{
    // Of processes outside of pods and containers only: there, anybody could call a program sshd to be left alone.
    // The kernel keeps 15 characters of a name.
    private static readonly (string Name, string Reason)[] s_known =
    [
        ("sshd", "remote access"), ("sshd-session", "remote access"), ("sshd-auth", "remote access"),
        ("kubelet", "node agent"), ("k3s-server", "node agent"), ("k3s-agent", "node agent"),
        ("containerd", "container runtime"), ("containerd-shim", "container runtime"), ("dockerd", "container runtime"),
        ("crio", "container runtime"), ("conmon", "container runtime"), ("runc", "container runtime"), ("crun", "container runtime"),
        ("dbus-daemon", "system bus"), ("dbus-broker", "system bus"), ("dbus-broker-lau", "system bus"),
        ("systemd", "systemd"), ("systemd-*", "systemd"), ("(sd-pam)", "systemd"),
    ];

    private readonly int _ownProcessId;
    private readonly List<(string Name, string Reason)> _rules;
    private readonly Func<TaskInfo, string>? _cgroupOf;

    /// <summary>Creates the rules.</summary>
    /// <param name="ownProcessId">Process id of the scheduler itself: whoever demotes it could no longer be undone.</param>
    /// <param name="names">The operator's additional process names; a last * stands for any end.</param>
    /// <param name="cgroupOf">Reads the cgroup of a thread that was read without; null: it counts as outside of pods.</param>
    public ProtectedTasks(int ownProcessId, IReadOnlyList<string>? names = null, Func<TaskInfo, string>? cgroupOf = null)
    {
        _ownProcessId = ownProcessId;
        _cgroupOf = cgroupOf;
        _rules = [.. s_known, .. (names ?? []).Select(name => (name, "the operator's list"))];
    }

    /// <summary>What is protected, in words, for people and agents.</summary>
    public static IReadOnlyList<string> Described { get; } =
        ["process 1 (init)", "kernel threads", "coxswain itself", "sshd, kubelet, container runtimes, systemd and dbus outside of pods"];

    /// <summary>Tells why a thread is protected.</summary>
    /// <returns>The reason, fit to follow "is protected: "; null when it is not protected.</returns>
    public string? WhyProtected(TaskInfo task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task.IsKernelThread)
        {
            return "kernel thread";
        }

        if (task.ProcessId == 1)
        {
            return "process 1 (init)";
        }

        return task.ProcessId == _ownProcessId ? "coxswain itself" : WhyNamed(task);
    }

    private string? WhyNamed(TaskInfo task)
    {
        foreach (var (name, reason) in _rules)
        {
            if (Fits(task.ProcessCommand, name))
            {
                var cgroup = task.Cgroup.Length > 0 ? task.Cgroup : _cgroupOf?.Invoke(task) ?? "";
                return CgroupIdentity.Parse(cgroup).IsContained ? null : reason;
            }
        }

        return null;
    }

    private static bool Fits(string command, string name) =>
        name.EndsWith('*') ? command.AsSpan().StartsWith(name.AsSpan(0, name.Length - 1)) : command == name;
}
