using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Coxswain.Core.Kernel;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Results;
using ModelContextProtocol.Server;

namespace Coxswain.Mcp.Tools;

[McpServerToolType]
internal sealed class SetModeTool(IScheduler scheduler, SchedulerControl control, TimeProvider time)
{
    private const int LeaseMaxUs = (int)(SchedulerOptions.LeaseMaxNs / 1000);

    [McpServerTool(
        Name = "set_mode", Title = "Set mode", ReadOnly = false, Destructive = false, Idempotent = true, OpenWorld = false,
        UseStructuredContent = true)]
    [Description(
        "For the whole machine: when user space orders waiting tasks, and how long tasks run. assist: where its answer can change " +
        "something (default). kernel: never; classes and slices still hold. strict: for every task, to try a policy. It stays until " +
        "changed.")]
    public SchedulerToolResult SetMode(
        [Description("New mode; without it the present one stays.")]
        ModeName? mode = null,
        [Description("How long a task waits for user space, e.g. 2000; always 20000 in mode strict.")]
        [Range(0, LeaseMaxUs)]
        int? lease_us = null,
        [Description("Longest default slice, shared among those who wait, e.g. 20000.")]
        [Range(1_000, 100_000)]
        int? slice_us = null)
    {
        if (mode is null && lease_us is null && slice_us is null)
        {
            throw new ToolRefusedException("nothing is to be set: give mode, lease_us or slice_us; get_status shows the present ones");
        }

        var before = SchedulerReport.RequireAttached(scheduler);
        if (mode is { } wanted)
        {
            control.SetMode((AskingMode)wanted);
        }

        if (lease_us is { } lease)
        {
            control.SetLease(lease * 1000L);
        }

        if (slice_us is { } slice)
        {
            control.SetSlice(slice * 1000L);
        }

        return SchedulerReport.Of(before, scheduler.ReadState(), time.GetUtcNow(), "To go back, call set_mode with the values in before.");
    }
}
