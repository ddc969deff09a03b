namespace Coxswain.Core.Workloads;

/// <summary>A thread and what it did during a short window.</summary>
/// <param name="Task">The thread at the end of the window, with its times.</param>
/// <param name="CpuPercent">Share of one CPU that it used during the window, 0 to 100.</param>
/// <param name="WaitPercent">Share of the window during which it could have run but had no CPU, 0 to 100.</param>
public sealed record TaskSample(TaskInfo Task, double CpuPercent, double WaitPercent);
