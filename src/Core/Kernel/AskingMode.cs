namespace Coxswain.Core.Kernel;

/// <summary>When user space is asked for the order of waiting tasks. Directives hold in every mode.</summary>
public enum AskingMode
{
    /// <summary>Where its answer can change something. If it does not answer in time, the kernel side goes on alone.</summary>
    Assist = 0,

    /// <summary>Never: the kernel side orders tasks by itself.</summary>
    Kernel = 1,

    /// <summary>For every task, also when a CPU is idle; the lease is at its largest. For policies that place tasks.</summary>
    Strict = 2,
}
