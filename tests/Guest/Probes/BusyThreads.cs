namespace Coxswain.Guest.Probes;

/// <summary>Threads of our own process that use all the CPU time they get, as those do that load programs or read much.</summary>
internal sealed class BusyThreads : IDisposable
{
    private readonly List<Thread> _threads = [];
    private volatile bool _ends;

    /// <summary>Ends those that there are, and starts others.</summary>
    public void Keep(int count)
    {
        _ends = true;
        _threads.ForEach(thread => thread.Join());
        _threads.Clear();
        _ends = false;
        for (int i = 0; i < count; i++)
        {
            var thread = new Thread(Spin) { IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }
    }

    public void Dispose() => Keep(0);

    private void Spin()
    {
        while (!_ends)
        {
            Thread.SpinWait(1000);
        }
    }
}
