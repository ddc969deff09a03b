using Coxswain.Core.Kernel;

namespace Coxswain.Core.Dispatch;

/// <summary>The threads that run the dispatch loop: one per last-level cache, or per some of them.</summary>
internal sealed class DispatchThreads : IDisposable
{
    private readonly List<DispatchThread> _threads = [];

    private DispatchThreads()
    {
    }

    /// <summary>Bytes that the loops have allocated since they were warm; stays 0.</summary>
    public long AllocatedBytes => _threads.Sum(t => t.AllocatedBytes);

    /// <summary>Why the policy is not asked any more; empty when it is. One loop's is enough: the others are not asked either.</summary>
    public string Failure => _threads.Select(t => t.Failure).FirstOrDefault(f => f.Length > 0) ?? "";

    /// <summary>Starts all loops with a policy each, and returns once they have run a first time.</summary>
    public static DispatchThreads Start(SchedulerProgram program, SchedulerOptions options)
    {
        var all = new DispatchThreads();
        try
        {
            for (int loop = 0; loop < program.Loops.Count; loop++)
            {
                all._threads.Add(DispatchThread.Start(program, options, loop));
            }
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    public void Dispose() => _threads.ForEach(t => t.Dispose());
}
