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
    private readonly IReadOnlyList<string> _mayRaise;
    private readonly Func<TaskInfo, string>? _cgroupOf;

    /// <summary>Creates the rules.</summary>
    /// <param name="ownProcessId">Process id of the scheduler itself: whoever demotes it could no longer be undone.</param>
    /// <param name="names">The operator's additional process names; a last * stands for any end.</param>
    /// <param name="mayRaise">Names of protected processes and kernel threads that may all the same be put into a higher class,
    /// by the operator's explicit rule; a last * stands for any end.</param>
    /// <param name="cgroupOf">Reads the cgroup of a thread that was read without; null: it counts as outside of pods.</param>
    public ProtectedTasks(int ownProcessId, IReadOnlyList<string>? names = null, Func<TaskInfo, string>? cgroupOf = null, IReadOnlyList<string>? mayRaise = null)
    {
        _mayRaise = mayRaise ?? [];
        _ownProcessId = ownProcessId;
        _cgroupOf = cgroupOf;
        _rules = [.. s_known, .. (names ?? []).Select(name => (name, "the operator's list"))];
    }

    /// <summary>What is protected, in words, for people and agents.</summary>
    public static IReadOnlyList<string> Described { get; } =
        ["process 1 (init)", "kernel threads", "coxswain itself", "sshd, kubelet, container runtimes, systemd and dbus outside of pods"];

    /// <summary>Tells whether a process is the scheduler itself.</summary>
    public bool IsOwn(int processId) => processId == _ownProcessId;

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

    /// <summary>Tells why a thread is protected from being raised to a class, which the operator's rule may allow. Nothing else ever is allowed.</summary>
    /// <param name="task">The thread.</param>
    /// <param name="raiseTo">The class that is all it would get; <see cref="SchedulingClass.Unset"/> for anything else.</param>
    /// <returns>The reason, fit to follow "is protected: "; null when it may be done.</returns>
    public string? WhyProtected(TaskInfo task, SchedulingClass raiseTo)
    {
        if (WhyProtected(task) is not { } why || task.ProcessId == 1 || task.ProcessId == _ownProcessId || !_mayRaise.Any(name => Fits(task.ProcessCommand, name)))
        {
            return WhyProtected(task);
        }

        // The kernel side serves its own threads in the order of their keys, whatever their class: only high changes that.
        return raiseTo == SchedulingClass.High || (raiseTo == SchedulingClass.LatencyCritical && !task.IsKernelThread)
            ? null
            : $"{why}, which the operator's rule lets be raised to {(task.IsKernelThread ? "high" : "high or latency_critical")} only";
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
