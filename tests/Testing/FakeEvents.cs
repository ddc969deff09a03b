using Coxswain.Core.Kernel;

namespace Coxswain.Testing;

/// <summary>A kernel that tells of threads when a test says so; silent until <see cref="Start"/>.</summary>
internal sealed class FakeEvents : ITaskEvents
{
    private string _problem = "not started";

    public event Action<TaskEventBatch>? Happened;

    public bool IsWanted { get; private set; }

    public TaskEventStatus Status => new(_problem, 0, 0);

    public void Want(bool wanted) => IsWanted = wanted;

    /// <summary>Begins to tell.</summary>
    public void Start()
    {
        _problem = "";
        Lose();
    }

    /// <summary>Tells of something, if anybody wants to know.</summary>
    public void Tell(TaskEventKind kind, TaskKey task, int processId)
    {
        if (IsWanted)
        {
            Happened?.Invoke(new TaskEventBatch([new TaskEvent(kind, task, processId)], IsComplete: true));
        }
    }

    /// <summary>Says that something was lost.</summary>
    public void Lose() => Happened?.Invoke(new TaskEventBatch([], IsComplete: false));
}
