using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>The kernel, or libbpf, would not do something with a BPF object.</summary>
/// <param name="what">What it would not do, e.g. "load the programs".</param>
/// <param name="errno">Why, as a number of the kernel.</param>
/// <param name="log">The end of what libbpf and the verifier said.</param>
internal sealed class BpfRefusedException(string what, int errno, string log)
    : Exception($"The kernel refused to {what}: {Describe(errno)}. {log}".TrimEnd())
{
    /// <summary>EBUSY.</summary>
    public const int Busy = 16;

    /// <summary>EPERM.</summary>
    public const int NotPermitted = 1;

    /// <summary>Why, as a number of the kernel.</summary>
    public int Errno { get; } = errno;

    /// <summary>The end of what libbpf and the verifier said.</summary>
    public string Log { get; } = log;

    /// <summary>Why, with what to do about it where that is known.</summary>
    public static string Describe(int errno) => errno switch
    {
        NotPermitted => "not permitted (EPERM): it takes root, or CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN; kernel lockdown forbids it as well",
        2 or 3 => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}): the kernel lacks type information (CONFIG_DEBUG_INFO_BTF), or what is observed",
        524 => "not supported (524): the BPF JIT is off; set net.core.bpf_jit_enable=1",
        _ => $"{Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})",
    };
}
