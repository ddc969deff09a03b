namespace Coxswain.Core.Workloads;

/// <summary>Measures what threads do now, by reading their times twice. Thread-safe.</summary>
/// <param name="source">Where the threads are read.</param>
/// <param name="time">Clock and timer of the window.</param>
/// <param name="window">How long to watch, more than 0. Times under load are exact to about 1 ms: shorter than 100 ms says little.</param>
public sealed class TaskSampler(ITaskSource source, TimeProvider time, TimeSpan window)
{
    /// <summary>Watches the threads of this machine for one window.</summary>
    /// <param name="processId">Only this process; 0 for all.</param>
    /// <param name="details">What to read besides the times.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The list of processes cannot be read at all.</exception>
    public async Task<TaskSampling> SampleAsync(int processId, TaskDetails details, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var before = Read(processId, TaskDetails.Times).Tasks.ToDictionary(task => task.Key);
        await Task.Delay(window, time, cancellationToken).ConfigureAwait(false);
        var elapsed = time.GetElapsedTime(started);
        var after = Read(processId, details | TaskDetails.Times);
        return new TaskSampling(
            [.. after.Tasks.Select(task => before.TryGetValue(task.Key, out var earlier) ? Compare(earlier, task) : BornMeanwhile(task, elapsed))],
            elapsed,
            after.Truncated);
    }

    private TaskReading Read(int processId, TaskDetails details) =>
        processId == 0 ? source.ReadAll(details) : source.ReadProcess(processId, details);

    // Reading thousands of threads takes a while: each one has a window of its own.
    private static TaskSample Compare(TaskInfo before, TaskInfo after)
    {
        var ns = after.ReadAtNs - before.ReadAtNs;
        // The kernel accounts a wait when it ends. Who was runnable at both times and never ran, waited all the time.
        var starved = before.State == 'R' && after.State == 'R' && before.RunNs == after.RunNs && before.RunCount == after.RunCount;
        return new TaskSample(
            after, Percent(after.RunNs - before.RunNs, ns), starved ? 100 : Percent(after.WaitNs - before.WaitNs, ns));
    }

    // All it ever did, it did within the window.
    private static TaskSample BornMeanwhile(TaskInfo task, TimeSpan elapsed)
    {
        var ns = elapsed.Ticks * TimeSpan.NanosecondsPerTick;
        return new TaskSample(task, Percent(task.RunNs, ns), Percent(task.WaitNs, ns));
    }

    private static double Percent(long part, long whole) => whole <= 0 ? 0 : Math.Clamp(100.0 * part / whole, 0, 100);
}
