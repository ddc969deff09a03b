using System.Globalization;
using Coxswain.Core.Kernel.Btf;

namespace Coxswain.Core.Kernel;

/// <summary>Examines whether this machine can run the scheduler. Loads nothing and changes nothing.</summary>
/// <param name="root">Where /proc and /sys are; "/" but for tests.</param>
public sealed class Doctor(string root = "/")
{
    private const int CapPerfmon = 38;
    private const int CapBpf = 39;
    private const int CapSysAdmin = 21;
    private const int CapSysNice = 23;

    /// <summary>Makes all checks.</summary>
    public DoctorReport Examine()
    {
        using BtfData? types = ReadKernelTypes();
        return Examine(types);
    }

    /// <summary>Makes all checks, with what <see cref="ReadKernelTypes"/> has read.</summary>
    internal DoctorReport Examine(BtfData? btf)
    {
        string release = Read("proc/sys/kernel/osrelease") ?? "unknown";
        var checks = new List<DoctorCheck>
        {
            CheckKernel(release),
            CheckBtf(btf),
            CheckSchedExt(btf, release),
            CheckKernelFunctions(btf),
            CheckPrivileges(release),
            CheckJit(),
            CheckLockdown(),
            CheckIsolation(),
            CheckOtherScheduler(),
            CheckPidNamespace(),
        };
        return new DoctorReport
        {
            KernelRelease = release,
            Checks = checks,
            Branches = Branches(btf),
            AbsentMembers = AbsentMembers(btf),
        };
    }

    /// <summary>Type information of the running kernel; null where it has none that can be used.</summary>
    internal BtfData? ReadKernelTypes()
    {
        string path = Path.Combine(root, "sys/kernel/btf/vmlinux");
        try
        {
            return File.Exists(path) ? BtfData.Read(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    private static DoctorCheck CheckKernel(string release)
    {
        var oldest = new Version(6, 12);
        return KernelRelease.Parse(release) >= oldest
            ? new("kernel", DoctorStatus.Ok, $"Kernel {release}.")
            : new("kernel", DoctorStatus.Failed, $"Kernel {release} is older than 6.12, the first with sched_ext.",
                "Install a kernel of 6.12 or newer that is built with CONFIG_SCHED_CLASS_EXT.");
    }

    private static DoctorCheck CheckBtf(BtfData? btf) => btf is not null
        ? new("btf", DoctorStatus.Ok, "The kernel describes its types (BTF).")
        : new("btf", DoctorStatus.Failed, "The kernel has no usable type information (/sys/kernel/btf/vmlinux).",
            "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y; distribution kernels are.");

    private DoctorCheck CheckSchedExt(BtfData? btf, string release)
    {
        if (Directory.Exists(Path.Combine(root, "sys/kernel/sched_ext")) && btf?.SizeOfStruct("sched_ext_ops") > 0)
        {
            return new("sched_ext", DoctorStatus.Ok, "The kernel has sched_ext.");
        }
        bool newEnough = KernelRelease.Parse(release) >= new Version(6, 12);
        return new("sched_ext", DoctorStatus.Failed,
            newEnough ? "This kernel is built without sched_ext (CONFIG_SCHED_CLASS_EXT is not set)." : "This kernel has no sched_ext.",
            "Install a kernel built with CONFIG_SCHED_CLASS_EXT=y. Debian's 6.12 is not; its backports kernels from 6.16 on are.");
    }

    private static DoctorCheck CheckKernelFunctions(BtfData? btf)
    {
        // An old pahole shows an argument that the kernel passes by itself, so that no prototype fits any more.
        string[] damaged = [.. (btf?.LastParameters("scx_bpf_") ?? new Dictionary<string, string>())
            .Where(f => f.Value == "aux" && !f.Key.EndsWith("_impl", StringComparison.Ordinal))
            .Select(f => f.Key)];
        return damaged.Length == 0
            ? new("kernel_functions", DoctorStatus.Ok, "The prototypes of the scheduler's kernel functions are intact.")
            : new("kernel_functions", DoctorStatus.Failed,
                $"The kernel's type information shows a hidden argument in {damaged.Length} functions, e.g. {damaged[0]}: it was made with too old a pahole.",
                "Use a kernel whose type information was made with pahole 1.31 or newer; report it to the distribution.");
    }

    private DoctorCheck CheckPrivileges(string release)
    {
        if (!Has(CapSysAdmin) && !(Has(CapBpf) && Has(CapPerfmon)))
        {
            return new("privileges", DoctorStatus.Failed, "This process may not load BPF programs: it is not root.",
                "Run it as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN.");
        }
        // A seccomp filter (RestrictRealtime=) does not show: it is found out, and told, when attaching.
        string limit = Line("proc/self/limits", "Max realtime priority")?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "0";
        return !RealTimePriority.IsNeeded(release) || Has(CapSysNice) || limit != "0"
            ? new("privileges", DoctorStatus.Ok, "This process may load BPF programs and attach a scheduler.")
            : new("privileges", DoctorStatus.Failed,
                "No thread of this process may be real-time. Before Linux 7.0 the one that attaches a scheduler has to be, for a moment: on a busy machine it might never end otherwise.",
                "Run it as root, or with CAP_SYS_NICE too.");
    }

    private bool Has(int capability) =>
        ulong.TryParse(Line("proc/self/status", "CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong effective) && (effective >> capability & 1) != 0;

    private string? Line(string path, string beginning) =>
        Read(path)?.Split('\n').FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal))?[beginning.Length..].Trim();

    private DoctorCheck CheckJit() => Read("proc/sys/net/core/bpf_jit_enable") == "0"
        ? new("bpf_jit", DoctorStatus.Failed, "The BPF JIT is off, and sched_ext does not work without it.", "Run: sysctl -w net.core.bpf_jit_enable=1")
        : new("bpf_jit", DoctorStatus.Ok, "The BPF JIT is on.");

    private DoctorCheck CheckLockdown() => Read("sys/kernel/security/lockdown")?.Contains("[confidentiality]", StringComparison.Ordinal) == true
        ? new("lockdown", DoctorStatus.Failed, "Kernel lockdown is in confidentiality mode, which forbids BPF to read kernel memory.",
            "Boot with lockdown=integrity or without lockdown.")
        : new("lockdown", DoctorStatus.Ok, "Kernel lockdown does not stand in the way.");

    private DoctorCheck CheckIsolation()
    {
        string isolated = Read("sys/devices/system/cpu/isolated") ?? "";
        return isolated.Length == 0
            ? new("isolated_cpus", DoctorStatus.Ok, "No CPUs are isolated at boot.")
            : new("isolated_cpus", DoctorStatus.Failed, $"CPUs {isolated} are isolated (isolcpus=), with which the kernel refuses any sched_ext scheduler.",
                "Boot without isolcpus=domain; use cpuset partitions instead.");
    }

    private DoctorCheck CheckOtherScheduler()
    {
        string state = Read("sys/kernel/sched_ext/state") ?? SchedExtFiles.Absent;
        string name = Read("sys/kernel/sched_ext/root/ops") ?? "";
        return state is SchedExtFiles.Absent or "disabled"
            ? new("other_scheduler", DoctorStatus.Ok, "No other sched_ext scheduler is attached.")
            : new("other_scheduler", DoctorStatus.Failed, $"The sched_ext scheduler '{CommandName(name)}' is attached already (state {state}).",
                "Stop it first: there can be only one.");
    }

    private DoctorCheck CheckPidNamespace()
    {
        const string Initial = "pid:[4026531836]"; // PROC_PID_INIT_INO of include/uapi/linux/nsfs.h
        string? own = Target("proc/self/ns/pid");
        return own is null or Initial
            ? new("pid_namespace", DoctorStatus.Ok, "Process ids are those of the machine.")
            : new("pid_namespace", DoctorStatus.Warning,
                "This is a container with process ids of its own: only its own processes can be chosen, and get_metrics, find_dependencies and " +
                "processes that start later, which the kernel tells of by the machine's ids, may be named wrongly.",
                "Run it with the machine's ids: hostPID: true in a pod, --pid=host for docker and podman.");
    }

    private static Dictionary<string, string> Branches(BtfData? btf)
    {
        var result = new Dictionary<string, string>();
        if (btf is null)
        {
            return result;
        }
        IReadOnlyDictionary<string, string> functions = btf.LastParameters("scx_bpf_");
        bool hasVtimeArgs = btf.SizeOfStruct("scx_bpf_dsq_insert_vtime_args") > 0;
        void Choose(string what, params ReadOnlySpan<string> newestFirst)
        {
            foreach (string name in newestFirst)
            {
                if (functions.ContainsKey(name))
                {
                    result[what] = name;
                    return;
                }
            }
        }
        Choose("insert", "scx_bpf_dsq_insert___v2", "scx_bpf_dsq_insert", "scx_bpf_dispatch");
        Choose("insert_vtime", "scx_bpf_dsq_insert_vtime", "scx_bpf_dispatch_vtime");
        if (hasVtimeArgs)
        {
            result["insert_vtime"] = "__scx_bpf_dsq_insert_vtime";
        }
        Choose("move_to_local", "scx_bpf_dsq_move_to_local___v2", "scx_bpf_dsq_move_to_local", "scx_bpf_consume");
        Choose("move", "scx_bpf_dsq_move_vtime", "scx_bpf_dispatch_vtime_from_dsq");
        return result;
    }

    private static string[] AbsentMembers(BtfData? btf)
    {
        if (btf?.Members("sched_ext_ops") is not { } members)
        {
            return [];
        }
        using BtfData own = SchedulerProgram.ObjectBtf();
        return [.. own.Members("sched_ext_ops")!.Keys.Where(m => !members.ContainsKey(m))];
    }

    private string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Target(string path)
    {
        try
        {
            return new FileInfo(Path.Combine(root, path)).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A name from outside, fit to print.</summary>
    private static string CommandName(string name) =>
        new([.. name.Where(c => !char.IsControl(c)).Take(64)]);
}
