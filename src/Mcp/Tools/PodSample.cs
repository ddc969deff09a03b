using Coxswain.Core.Workloads;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Mcp.Tools;

/// <summary>A pod and what its threads did during a short window.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Qos">Its class of service in Kubernetes; empty when it is not known.</param>
/// <param name="Threads">Its threads, the busiest first.</param>
/// <param name="CpuPercent">Share of one CPU that they used together, %; above 100 on several CPUs.</param>
/// <param name="WaitPercent">The longest wait of any of them, % of the window.</param>
internal sealed record PodSample(PodInfo Pod, string Qos, IReadOnlyList<TaskInfo> Threads, double CpuPercent, double WaitPercent);
