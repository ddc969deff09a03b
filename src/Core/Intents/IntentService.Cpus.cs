using Coxswain.Core.Kernel;

namespace Coxswain.Core.Intents;

// The CPU sets of the active changes in the kernel: made known before a directive names them, given up after.
public sealed partial class IntentService
{
    /// <summary>Tells which CPUs are online; the machine's own in production.</summary>
    public Func<IReadOnlyCollection<int>> OnlineCpus { get; init; } = () => [.. CpuList.Parse(File.ReadAllText("/sys/devices/system/cpu/online"))];

    private void RefuseAbsentCpus(IntentRequest request)
    {
        if (request.Effect.Cpus is not { } wanted)
        {
            return;
        }

        var online = OnlineCpus();
        var absent = wanted.Cpus.Where(cpu => !online.Contains(cpu)).ToList();
        if (absent.Count > 0)
        {
            throw new IntentRejectedException(
                RejectionCause.NoSuchCpu,
                $"cpus=\"{wanted}\": this machine has CPUs {CpuChoice.Format(online)}, and CPU {CpuChoice.Format(absent)} is not one of them");
        }
    }

    private void DefineCpuSet(Intent intent)
    {
        if (intent.Request.Effect.Cpus is { } cpus)
        {
            try
            {
                intent.CpuSet = _scheduler.CpuSets.Define(cpus.Cpus, cpus.IsHard);
            }
            catch (SchedulerUnavailableException exception) when (_scheduler.ReadState().Attached)
            {
                throw new IntentRejectedException(RejectionCause.LimitExceeded, exception.Message, exception);
            }
        }
    }

    // Only when no directive names it any more: its number may go to another set.
    private void ReleaseCpuSet(Intent intent)
    {
        if (intent.CpuSet == 0)
        {
            return;
        }

        try
        {
            _scheduler.CpuSets.Release(intent.CpuSet);
        }
        catch (SchedulerUnavailableException)
        {
            // It has ended, and its sets with it.
        }
        finally
        {
            intent.CpuSet = 0;
        }
    }
}
