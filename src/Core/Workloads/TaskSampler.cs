using Coxswain.Core.Kernel;

namespace Coxswain.Core.Workloads;

/// <summary>Measures what threads do now, by reading their times twice. Thread-safe.</summary>
/// <param name="source">Where the threads are read.</param>
/// <param name="time">Clock and timer of the window.</param>
/// <param name="window">How long to watch, more than 0. Times under load are exact to about 1 ms: shorter than 100 ms says little.</param>
public sealed class TaskSampler(ITaskSource source, TimeProvider time, TimeSpan window)
{
    /// <summary>How long a sample watches.</summary>
    public TimeSpan Window => window;

    /// <summary>Watches the threads of this machine for one window.</summary>
    /// <param name="processId">Only this process; 0 for all.</param>
    /// <param name="details">What to read besides the times.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The threads alive at the end, and whether some are missing because there are too many.</returns>
    public async Task<(IReadOnlyList<TaskSample> Samples, bool Truncated)> SampleAsync(
        int processId, TaskDetails details, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var before = new Dictionary<TaskKey, (long Run, long Wait)>();
        foreach (var task in Read(processId, TaskDetails.Times).Tasks)
        {
            before[task.Key] = (task.RunNs, task.WaitNs);
        }

        await Task.Delay(window, time, cancellationToken).ConfigureAwait(false);

        // Both readings go through the threads in the same order, so the time between the two is
        // about the same for each of them, however long one reading takes.
        var elapsed = time.GetElapsedTime(started);
        var after = Read(processId, details | TaskDetails.Times);
        var samples = new List<TaskSample>(after.Tasks.Count);
        foreach (var task in after.Tasks)
        {
            // Born within the window: all it ever did, it did within the window.
            var (run, wait) = before.GetValueOrDefault(task.Key);
            samples.Add(new TaskSample(task, Percent(task.RunNs - run, elapsed), Percent(task.WaitNs - wait, elapsed)));
        }

        return (samples, after.Truncated);
    }

    private TaskReading Read(int processId, TaskDetails details) =>
        processId == 0 ? source.ReadAll(details) : source.ReadProcess(processId, details);

    private static double Percent(long ns, TimeSpan elapsed) =>
        Math.Clamp(100.0 * ns / (elapsed.Ticks * TimeSpan.NanosecondsPerTick), 0, 100);
}
