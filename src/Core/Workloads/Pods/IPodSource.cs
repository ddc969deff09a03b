namespace Coxswain.Core.Workloads.Pods;

/// <summary>Who knows the pods of this machine by name. Thread-safe.</summary>
public interface IPodSource
{
    /// <summary>Asks for all pods that run. Waits some seconds at most, and never throws for what the other side does or fails to do.</summary>
    PodReading Read();
}
