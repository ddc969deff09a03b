using Coxswain.Core.Kernel;

namespace Coxswain.Core.Simulation;

// Who waits too long. Mirrors bpf/timer.bpf.h, but for crowds: slices end in time here, and no watchdog limits a round.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong WaitBoundNs = 1000 * Millisecond;
    private const ulong TimerPeriodNs = 100 * Millisecond;
    private const ulong TimerPeriodStrictNs = 5 * Millisecond;
    private const int AgeScanMax = 4096;
    private const int AgeMovesMax = 64;
    private ulong _agedAtNs;

    private void OnTimer()
    {
        bool isWanted = false, ages = !Before(NowNs, _agedAtNs + TimerPeriodNs - TimerPeriodStrictNs);
        if (ages)
        {
            _agedAtNs = NowNs;
        }
        foreach (SimulatedHome home in Homes)
        {
            isWanted |= ParkIsDue(home, UserAnswers());
            // Only its own CPUs take from a hard set: none of them may sleep over it.
            isWanted |= home.IsHard && home.Run.Count > 0;
            if (ages)
            {
                Age(home.Run, home, WaitBoundNs);
                Age(home.Park, home, WaitBoundNs);
                Age(home.Background, home, BackgroundBoundNs);
            }
        }
        foreach (SimulatedCpu cpu in _cpus)
        {
            if (ages)
            {
                Age(cpu.Queue, cpu.Llc, WaitBoundNs);
            }
            if (isWanted && _states[cpu.Id].RunningClass == 0)
            {
                Kick(cpu.Id);
            }
        }
        At(NowNs + (Mode == AskingMode.Strict ? TimerPeriodStrictNs : TimerPeriodNs), new Event(EventKind.Timer));
    }

    /// <summary>Moves those who waited too long to the queue that goes first.</summary>
    private void Age(DispatchQueue queue, SimulatedHome home, ulong boundNs)
    {
        if (queue.Count == 0)
        {
            return;
        }
        int helped = 0;
        foreach (SimulatedTask task in queue.FromLast.Take(AgeScanMax).ToList())
        {
            if (!Before(task.RunnableNs!.Value + (helped < AgeMovesMax ? boundNs : 2 * boundNs), NowNs))
            {
                continue;
            }
            helped++;
            task.GrantedNs = WithinRound(Math.Max(task.GrantedNs, (ulong)_options.SliceMinNs), home);
            queue.Remove(task);
            home.Aged.Insert(task, task.RunnableNs!.Value);
            task.AgedNs = task.RunnableNs;
            _states[task.Cpu].NrAged++;
        }
    }
}
