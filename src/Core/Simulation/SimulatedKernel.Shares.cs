using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Simulation;

// What a task is to the scheduler: class, share, slice, place in a queue. Mirrors bpf/policy.bpf.h.
public sealed unsafe partial class SimulatedKernel
{
    private const ulong Millisecond = 1_000_000;
    private const ulong SleeperCreditNs = 20 * Millisecond;
    private const ulong SleeperCreditSlices = 4;
    private const ulong KeyGrainNs = 1 << 20;
    private const ulong DebtMaxNs = 1000 * Millisecond;
    private const ulong HighHeadStartNs = 10 * Millisecond;
    private const ulong LowShareDivisor = 4;
    private const ulong BudgetWindowNs = 100 * Millisecond;
    private const uint RunningSystem = 6;

    private ulong _vtimeNow = StartNs;
    private long _totalWeight;

    internal ulong VtimeNow => _vtimeNow;

    private SchedulingClass ClassOf(SimulatedTask task)
    {
        if (task.Directive is not { } d || d.Class == SchedulingClass.Unset || !Before(NowNs, d.ClassExpiresNs))
        {
            return SchedulingClass.Normal;
        }
        bool isOver = d.Class >= SchedulingClass.High && task.OverBudget && InBudgetWindow(task);
        return isOver ? SchedulingClass.Normal : d.Class;
    }

    private bool InBudgetWindow(SimulatedTask task) => Before(NowNs, task.BudgetWindowNs + BudgetWindowNs);

    private void ChargeBudget(SimulatedTask task, ulong ran)
    {
        if (task.Directive is not { } d || d.Class < SchedulingClass.High || !Before(NowNs, d.ClassExpiresNs))
        {
            return;
        }
        if (!InBudgetWindow(task))
        {
            task.OverBudget = false;
            task.BudgetWindowNs = NowNs;
            task.BudgetUsedNs = 0;
        }
        task.BudgetUsedNs += ran;
        ulong budget = d.BudgetNs != 0 ? d.BudgetNs : BudgetWindowNs * (ulong)_options.Cpus / 2;
        if (task.BudgetUsedNs > budget && !task.OverBudget)
        {
            task.OverBudget = true;
            _states[task.Cpu].NrOverBudget++;
        }
    }

    private ulong DirectedSlice(SimulatedTask task) =>
        task.Directive is { SliceNs: > 0 } d && Before(NowNs, d.SliceExpiresNs) ? Math.Clamp(d.SliceNs, Verdict.SliceMinNs, Verdict.SliceMaxNs) : 0;

    private ulong SliceOf(SimulatedTask task, SchedulingClass schedulingClass)
    {
        if (DirectedSlice(task) is > 0 and var directed)
        {
            return WithinRound(directed, task.Home!);
        }
        ulong least = (ulong)_options.SliceMinNs;
        if (schedulingClass == SchedulingClass.Background)
        {
            return least;
        }
        SimulatedHome home = task.Home!;
        ulong waiting = (ulong)(home.Run.Count + home.Park.Count);
        ulong slice = (ulong)_options.SliceNs / (1 + waiting / (ulong)home.Count);
        // What counts a hundredfold comes in small pieces, so that the next one is not far away.
        if (task.NiceWeight < Notice.NormalWeight)
        {
            slice = slice * task.NiceWeight / Notice.NormalWeight;
        }
        return Math.Clamp(slice, least, Verdict.SliceMaxNs);
    }

    /// <summary>Whatever a policy or a directive says of a slice: with it each of those who wait in a home has its turn within a second.</summary>
    private ulong WithinRound(ulong slice, SimulatedHome home) => Math.Min(
        slice,
        Math.Max(WaitBoundNs * (ulong)home.Count / (1 + (ulong)(home.Run.Count + home.Park.Count)), (ulong)_options.SliceMinNs));

    private static ulong WeightOf(SimulatedTask task, SchedulingClass schedulingClass) =>
        schedulingClass == SchedulingClass.Low ? (task.NiceWeight + LowShareDivisor - 1) / LowShareDivisor : task.NiceWeight;

    private static bool IsFair(SchedulingClass schedulingClass) =>
        schedulingClass is not (SchedulingClass.LatencyCritical or SchedulingClass.Background);

    private void LeaveShare(SimulatedTask task)
    {
        _totalWeight -= (long)task.Weight;
        task.Weight = 0;
    }

    private void JoinShare(SimulatedTask task)
    {
        LeaveShare(task);
        SchedulingClass schedulingClass = ClassOf(task);
        if (IsFair(schedulingClass))
        {
            task.Weight = WeightOf(task, schedulingClass);
            _totalWeight += (long)task.Weight;
        }
    }

    /// <summary>After a change of class. True when the task was not ordered by vtime before: its vtime says nothing then.</summary>
    private bool RenewShare(SimulatedTask task, SchedulingClass schedulingClass)
    {
        ulong weight = IsFair(schedulingClass) ? WeightOf(task, schedulingClass) : 0;
        bool joins = weight != 0 && task.Weight == 0;
        if (weight != task.Weight)
        {
            JoinShare(task);
        }
        return joins;
    }

    /// <summary>A stint is over, or goes into the next. What nobody else wanted is not charged to the share.</summary>
    private void Account(SimulatedCpu cpu, SimulatedTask task, ulong ran, bool isWanted)
    {
        CpuState* state = _states + cpu.Id;
        task.RunNs += ran;
        state->RunNs += ran;
        state->ClassRunNs[ClassIndex(state)] += ran;
        if (state->RunningClass == (uint)SchedulingClass.LatencyCritical)
        {
            state->UpperRunNs = Math.Min(state->UpperRunNs + ran, 2 * UpperLeadNs);
        }
        else if (state->RunningClass != RunningSystem)
        {
            state->UpperRunNs = MinusToZero(state->UpperRunNs, ran);
        }
        // Time as a normal one is nobody's budget.
        if (state->RunningClass is (uint)SchedulingClass.High or (uint)SchedulingClass.LatencyCritical)
        {
            ChargeBudget(task, ran);
        }
        if (!isWanted)
        {
            return;
        }
        SchedulingClass schedulingClass = state->RunningClass == RunningSystem ? SchedulingClass.Normal : (SchedulingClass)state->RunningClass;
        if (schedulingClass == SchedulingClass.LatencyCritical)
        {
            // Not ordered by it: it neither gains nor owes anything when it is again.
            task.Vtime = _vtimeNow;
            return;
        }
        task.Vtime += ran * Notice.NormalWeight / WeightOf(task, schedulingClass);
        if (_totalWeight > 0 && IsFair(schedulingClass))
        {
            _vtimeNow += ran * Notice.NormalWeight / (ulong)_totalWeight;
        }
    }

    // In the counters by class the system is the first.
    private static int ClassIndex(CpuState* state) => state->RunningClass == RunningSystem ? 0 : (int)state->RunningClass;

    private void LimitLag(SimulatedTask task, bool comes)
    {
        ulong credit = Math.Min(SleeperCreditSlices * task.GrantedNs, SleeperCreditNs);
        if (comes && Before(task.Vtime, _vtimeNow - credit))
        {
            task.Vtime = _vtimeNow - credit;
        }
        else if (Before(_vtimeNow + DebtMaxNs, task.Vtime))
        {
            task.Vtime = _vtimeNow + DebtMaxNs;
        }
    }

    private static ulong BurstOf(SimulatedTask task) => Math.Min(task.RunNs, task.GrantedNs);

    private static ulong QueueKey(SimulatedTask task, SchedulingClass schedulingClass) =>
        (task.Vtime + BurstOf(task) - (schedulingClass == SchedulingClass.High ? HighHeadStartNs : 0)) & ~(KeyGrainNs - 1);

    private static ulong MinusToZero(ulong a, ulong b) => a > b ? a - b : 0;
}
