using Coxswain.Core.Guards;
using Coxswain.Core.Intents;
using Coxswain.Core.Tests.Intents;

namespace Coxswain.Core.Tests.Guards;

/// <summary>A machine on which threads wait as a test says, an observer, and guards, on one clock.</summary>
/// <remarks>Process 10 is a batch job, 20 and 30 are services beside it.</remarks>
internal sealed class GuardRig : IDisposable
{
    public const int Job = 10;
    public const int Web = 20;
    public const int Db = 30;

    private const int LooksPerSecond = 4;

    private readonly Dictionary<int, (double Ms, int Times)> _waits = [];

    public GuardRig(GuardOptions? options = null)
    {
        foreach (var (pid, name) in new[] { (Job, "job"), (Web, "web"), (Db, "db") })
        {
            Intents.Machine.Start(pid, name);
            Intents.Observed.Add(pid, name);
        }

        Guards = new GuardService(Intents.Intents, Intents.Observer, Intents.Registry, Intents.Time, options ?? new GuardOptions(), Failures.Add);
    }

    public IntentRig Intents { get; } = new();

    public GuardService Guards { get; }

    public List<Exception> Failures { get; } = [];

    public IReadOnlyList<Change> Ended => [.. Intents.Intents.Changes(includeEnded: true).Where(change => !change.IsActive)];

    /// <summary>Each second from now on, a thread waits so often for so long.</summary>
    public void Waits(int tid, double ms, int times = 100) => _waits[tid] = (ms, times);

    /// <summary>Lets seconds pass.</summary>
    public void Pass(double seconds)
    {
        for (var look = 0; look < seconds * LooksPerSecond; look++)
        {
            foreach (var (tid, (ms, times)) in _waits.Where(wait => wait.Value.Times > 0))
            {
                Intents.Observed.Wait(tid, (long)(ms * 1e6), Math.Max(1, times / LooksPerSecond));
            }

            Intents.Time.Advance(TimeSpan.FromSeconds(1.0 / LooksPerSecond));
        }
    }

    /// <summary>Seconds until a change has ended; fails after so many.</summary>
    public double SecondsUntilEnded(string id, double most)
    {
        for (var passed = 0.0; passed <= most; passed += 1.0 / LooksPerSecond)
        {
            if (Ended.Any(change => change.Id == id))
            {
                return passed;
            }

            Pass(1.0 / LooksPerSecond);
        }

        throw new Xunit.Sdk.XunitException($"{id} is active after {most} s");
    }

    public Change Prioritize(int pid, IntentGuard? guard = null) => Intents.Intents.Apply(new IntentRequest
    {
        Selector = Selector.OfPids([pid]),
        Effect = IntentEffect.OfClass(SchedulingClass.LatencyCritical),
        Author = "agent",
        Guard = guard,
    }).Change;

    public WatchState StateOf(Change change) => Guards.Status.Watches.GetValueOrDefault(change.Number);

    public Change Now(Change change) => Intents.Intents.Changes(includeEnded: true).Single(other => other.Id == change.Id);

    public void Dispose()
    {
        Guards.Dispose();
        Intents.Dispose();
    }
}
