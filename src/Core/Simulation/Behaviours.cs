namespace Coxswain.Core.Simulation;

/// <summary>Behaviours that most machines have.</summary>
public static class Behaviours
{
    /// <summary>Uses all the CPU it is given, for ever.</summary>
    public static ITaskBehaviour Spin() => new Scripted((_, _) => TaskStep.Run(long.MaxValue / 4));

    /// <summary>Uses so much CPU and ends.</summary>
    /// <param name="runNs">CPU time, ns.</param>
    public static ITaskBehaviour RunAndExit(long runNs)
    {
        int step = 0;
        return new Scripted((_, _) => step++ == 0 ? TaskStep.Run(runNs) : TaskStep.Exit);
    }

    /// <summary>Runs and sleeps in turn; both lengths vary by a half up and down.</summary>
    /// <param name="runNs">Mean length of a burst, ns.</param>
    /// <param name="sleepNs">Mean length of a sleep, ns.</param>
    public static ITaskBehaviour RunAndSleep(long runNs, long sleepNs)
    {
        bool runs = false;
        return new Scripted((_, random) => (runs = !runs) ? TaskStep.Run(Around(runNs, random)) : TaskStep.Sleep(Around(sleepNs, random)));
    }

    /// <summary>Makes tasks that run shortly and end, one after another, as a shell does.</summary>
    /// <param name="childNs">Mean CPU time of a child, ns.</param>
    /// <param name="pauseNs">Mean time between two, ns.</param>
    public static ITaskBehaviour ForkAndSleep(long childNs, long pauseNs)
    {
        int step = 0;
        return new Scripted((_, random) => (step++ % 3) switch
        {
            0 => TaskStep.Run(Around(10_000, random)),
            1 => TaskStep.Fork(new TaskSpec { Comm = "child", Behaviour = RunAndExit(Around(childNs, random)) }),
            _ => TaskStep.Sleep(Around(pauseNs, random)),
        });
    }

    /// <summary>One of a chain of services: woken by the one before, works, wakes the next.</summary>
    /// <param name="runNs">CPU time per request, ns.</param>
    /// <param name="next">Pid of the next one; asked each time.</param>
    public static ITaskBehaviour Relay(long runNs, Func<int> next)
    {
        int step = 0;
        return new Scripted((_, _) => (step++ % 3) switch
        {
            0 => TaskStep.Block,
            1 => TaskStep.Run(runNs),
            _ => TaskStep.Wake(next()),
        });
    }

    /// <summary>The first of a chain of services: works, wakes the next, and sleeps.</summary>
    /// <param name="runNs">CPU time per request, ns.</param>
    /// <param name="next">Pid of the next one; asked each time.</param>
    /// <param name="pauseNs">Mean time between two requests, ns.</param>
    public static ITaskBehaviour RequestAndSleep(long runNs, Func<int> next, long pauseNs)
    {
        int step = 0;
        return new Scripted((_, random) => (step++ % 3) switch
        {
            0 => TaskStep.Run(runNs),
            1 => TaskStep.Wake(next()),
            _ => TaskStep.Sleep(Around(pauseNs, random)),
        });
    }

    private static long Around(long mean, Random random) => random.NextInt64(mean - mean / 2, mean + mean / 2 + 1);

    private sealed class Scripted(Func<SimulatedTask, Random, TaskStep> next) : ITaskBehaviour
    {
        public TaskStep NextStep(SimulatedTask task, Random random) => next(task, random);
    }
}
