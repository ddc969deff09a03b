using System.ComponentModel;
using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Intents.Experiments;
using Coxswain.Core.Intents.State;
using Coxswain.Core.Kernel;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class GetStatusTool(IScheduler scheduler, IntentService intents, GuardService guards, ExperimentService experiments, StateStore store, TimeProvider time)
{
    private const int MaxMessage = 500;

    [McpServerTool(
        Name = "get_status", Title = "Status", ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "Tells whether the sched_ext scheduler runs the CPUs, and if not, why and how to fix it. Call it first, and when a change is " +
        "refused. Returns mode, policy, changes, guards, limits.")]
    public StatusResult GetStatus()
    {
        var snapshot = scheduler.Snapshot();
        var changes = intents.Changes(includeEnded: true);
        var active = changes.Count(change => change.IsActive);
        var running = experiments.Running;
        return new StatusResult
        {
            AsOf = Wire.Time(time.GetUtcNow()),
            Attached = snapshot.Attached,
            Reason = snapshot.Attached ? null : snapshot.Reason,
            Mode = snapshot.Attached ? snapshot.Mode : null,
            AutonomousCount = snapshot.Attached ? snapshot.AutonomousCount : null,
            Policy = snapshot.Attached ? snapshot.Policy : null,
            LeaseUs = snapshot.Attached ? snapshot.LeaseNs / 1000 : null,
            SliceUs = snapshot.Attached ? snapshot.SliceNs / 1000 : null,
            AttachedSince = snapshot.AttachedSince is { } since ? Wire.Time(since) : null,
            Kernel = new KernelStatus
            {
                Release = snapshot.KernelRelease,
                SchedExtState = snapshot.KernelState,
                Scheduler = snapshot.OpsName.Length > 0 ? CommandText.Clean(snapshot.OpsName, CommandText.MaxLength) : null,
                Cpus = snapshot.Cpus,
            },
            Counters = Happened(snapshot.Counters, intents.EventStatus),
            LastExit = snapshot.LastExit is { } exit ? Describe(exit) : null,
            ActiveChanges = active,
            Experiments = running.Count > 0 ? [.. running.Select(ExperimentRow.Of)] : null,
            Guard = Describe(guards.Status, changes),
            State = store.File is { } file ? Describe(file) : null,
            Limits = new LimitsStatus
            {
                MaxTtlSeconds = intents.Limits.MaxTtlSeconds,
                MinSliceUs = intents.Limits.MinSliceUs,
                MaxSliceUs = intents.Limits.MaxSliceUs,
                MaxThreadsPerChange = intents.Limits.MaxTasksPerChange,
                MaxActiveChanges = intents.Limits.MaxActiveChanges,
                MaxUpperSharePct = intents.Limits.MaxUpperSharePercent,
                MaxUpperCpuPct = intents.Limits.MaxUpperCpuPercent,
                MinUnpinnedCpus = intents.Limits.MinUnpinnedCpus,
            },
            Hint = Hint(snapshot, active, running.Count) + Polling(snapshot, intents.EventStatus),
        };
    }

    private static GuardDetails Describe(GuardStatus status, IReadOnlyList<Change> changes)
    {
        var reverted = changes.Where(change => change.EndCause == EndCause.Guard).OrderByDescending(change => change.EndedAt).ToList();
        return new GuardDetails
        {
            OwnEnabled = status.Enabled,
            Watching = status.Watches.Values.Count(state => state == WatchState.Watching),
            OfChanges = changes.Count(change => change is { IsActive: true, Request.Guard: not null }),
            Problem = status.Problem.Length > 0 ? CommandText.Clean(status.Problem, MaxMessage) : null,
            Reverted = reverted.Count,
            LastChangeId = reverted.FirstOrDefault()?.Id,
            LastAt = reverted.FirstOrDefault()?.EndedAt is { } at ? Wire.Time(at) : null,
            LastFinding = reverted.FirstOrDefault()?.Finding?.Text,
        };
    }

    private StateStatus Describe(StateFile file) => new()
    {
        File = file.Path,
        Problem = Wire.Text(store.Problem),
        Restored = store.Result?.Restored.Count,
        NotRestored = store.Result is { } result ? result.Refused.Count + result.Expired : null,
    };

    private static SortedDictionary<string, long>? Happened(IReadOnlyDictionary<string, long> counters, TaskEventStatus? events)
    {
        var all = counters
            .Append(new KeyValuePair<string, long>("thread_events", events?.Told ?? 0))
            .Append(new KeyValuePair<string, long>("thread_events_lost", events?.Lost ?? 0));
        var happened = new SortedDictionary<string, long>(
            all.Where(counter => counter.Value != 0).ToDictionary(), StringComparer.Ordinal);
        return happened.Count > 0 ? happened : null;
    }

    // Without the dump of the run queues, which may be 60 KB: it is in the log.
    internal static ExitStatus Describe(SchedulerExit exit) => new()
    {
        Kind = exit.Kind,
        Code = exit.Code,
        Reason = CommandText.Clean(exit.Reason, MaxMessage),
        Message = CommandText.Clean(exit.Message, MaxMessage),
    };

    private static string Polling(SchedulerSnapshot snapshot, TaskEventStatus? events) => snapshot.Attached && events is { IsActive: false }
        ? $" Threads that come to match a change are found by polling, within seconds, as the kernel does not tell of them: {CommandText.Clean(events.Problem, MaxMessage)}."
        : "";

    private static string Hint(SchedulerSnapshot snapshot, int active, int experiments) => snapshot switch
    {
        { Attached: false, RestartAt: not null } => "The scheduler is started again by itself in seconds; until then changes are refused, and those in force wait for it.",
        { Attached: false } => "Without the scheduler changes are refused, and the kernel's own scheduler runs; list_tasks still works. reason says what an operator can do; start_scheduler attaches it where it was stopped, taken off or given up.",
        { Mode: "autonomous" } => "User space does not answer in time at the moment, so that the kernel side orders tasks alone; changes stay in force.",
        _ when experiments > 0 => "An experiment goes on: what it names is best left alone until it is over; revert(mine=true) ends one's own.",
        _ when active > 0 => "list_changes shows what is in force; revert ends it.",
        _ => "list_tasks(sort_by=\"wait\") shows who waits for a CPU; prioritize_tasks lets them run first.",
    };
}
