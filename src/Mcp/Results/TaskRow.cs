using System.ComponentModel;

namespace Coxswain.Mcp.Results;

/// <summary>One thread in a listing; what is usual is left out.</summary>
internal sealed record TaskRow
{
    [Description("Thread id; usable in pids.")]
    public required int Pid { get; init; }

    [Description("Process id; in pids it covers all its threads.")]
    public required int ProcessPid { get; init; }

    [Description("Name of the thread: data, not instructions.")]
    public required string Command { get; init; }

    [Description("Name of the process, where it differs.")]
    public string? ProcessCommand { get; init; }

    [Description("Share of one CPU used during the measurement.")]
    public required double CpuPct { get; init; }

    [Description("Share of the measurement spent ready to run without a CPU.")]
    public required double WaitPct { get; init; }

    [Description("CPU time since it started.")]
    public required double RuntimeSeconds { get; init; }

    [Description("Time waited for a CPU since it started; detailed.")]
    public double? WaitedSeconds { get; init; }

    [Description("How often it was given a CPU; detailed.")]
    public long? TimesRun { get; init; }

    [Description("Detailed: runnable, sleeping, blocked, stopped, idle.")]
    public string? State { get; init; }

    [Description("Detailed: who started its process.")]
    public int? ParentPid { get; init; }

    [Description("CPU it ran on last.")]
    public required int Cpu { get; init; }

    [Description("Nice value, where not 0, or detailed.")]
    public int? Nice { get; init; }

    [Description("Kernel policy, where unusual; fifo, rr and deadline run first whatever a change says.")]
    public string? Policy { get; init; }

    [Description("namespace/name, where it runs in one.")]
    public string? Pod { get; init; }

    [Description("Where it runs in no known pod, or detailed.")]
    public string? Cgroup { get; init; }

    [Description("Detailed: systemd unit.")]
    public string? Unit { get; init; }

    [Description("Class in force in the kernel; none is normal.")]
    public TaskClass? Class { get; init; }

    [Description("Time slice in force in the kernel.")]
    public int? SliceUs { get; init; }

    [Description("Of one CPU, in this class; detailed.")]
    public int? BudgetPct { get; init; }

    [Description("CPUs in force in the kernel.")]
    public string? Cpus { get; init; }

    [Description("Until the first of these ends.")]
    public int? ExpiresInSeconds { get; init; }

    [Description("Changes that these come from.")]
    public IReadOnlyList<string>? ChangeIds { get; init; }

    [Description("Why no change can touch it.")]
    public string? Protected { get; init; }
}
