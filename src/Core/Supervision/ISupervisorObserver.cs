namespace Coxswain.Core.Supervision;

/// <summary>Is told what becomes of the scheduler, in order and one call at a time.</summary>
public interface ISupervisorObserver
{
    /// <summary>The scheduler ended, or could not be started again.</summary>
    void Ended(SchedulerEnd how);

    /// <summary>The scheduler runs again, after a pause that began with the latest end.</summary>
    void StartedAgain();
}
