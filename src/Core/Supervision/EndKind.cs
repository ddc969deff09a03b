using Coxswain.Core.Kernel;

namespace Coxswain.Core.Supervision;

/// <summary>What an exit record means for what comes next.</summary>
internal enum EndKind
{
    /// <summary>The kernel asks for a new start, as after a CPU came or went while the scheduler was being attached. Nobody's fault.</summary>
    Restart,

    /// <summary>The scheduler did wrong: a task was not run in time, or the kernel found an error.</summary>
    Failure,

    /// <summary>Somebody on this machine ended it on purpose (SysRq-S, or its link was taken away): it stays off until it is asked for.</summary>
    TakenOff,
}

/// <summary>Reads exit records.</summary>
internal static class EndKinds
{
    private const int UnregisteredByBpf = 65;
    private const int UnregisteredByKernel = 66;
    private const int FirstError = 1024;
    private const long ActRestart = 1L << 48;

    public static EndKind Of(SchedulerExit exit) => exit.Kind switch
    {
        >= FirstError => EndKind.Failure,
        UnregisteredByBpf or UnregisteredByKernel when (exit.Code & ActRestart) != 0 => EndKind.Restart,
        UnregisteredByBpf => EndKind.Failure,
        _ => EndKind.TakenOff,
    };
}
