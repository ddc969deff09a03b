using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>Turns the active intents that name a thread, or a whole cgroup, into the one directive that the kernel gets for it.</summary>
internal sealed class DirectiveCompiler(IntentBook book, ProtectedTasks protectedTasks)
{
    // COX_BUDGET_WINDOW_NS of bpf/wire.h
    private const ulong BudgetWindowNs = 100_000_000;

    /// <summary>Compiles a thread's directive: the class of the first intent that sets one, and likewise the slice.</summary>
    /// <param name="task">A thread that was read with <see cref="IntentBook.Details"/>.</param>
    /// <returns>The directive without a generation; <c>default</c> when no intent names the thread.</returns>
    public Directive Compile(TaskInfo task)
    {
        var directive = default(Directive);
        if (task.IsDead)
        {
            return directive;
        }

        var isProtected = protectedTasks.WhyProtected(task) is not null;
        foreach (var intent in book.Active)
        {
            // Each one is asked, so that each knows its threads even while another one overrides it.
            if (!(isProtected && protectedTasks.WhyProtected(task, intent.Request.Effect.RaisesOnly) is not null) && intent.Claim(task))
            {
                intent.Note(task.Key, shadowed: !Add(intent, ref directive));
            }
        }

        return directive;
    }

    /// <summary>Compiles the directive of a cgroup, for the threads that will be born in it or moved to it.</summary>
    /// <returns>The directive without a generation; <c>default</c> when no intent names all its threads.</returns>
    public Directive Compile(string cgroup)
    {
        var directive = default(Directive);
        foreach (var intent in book.Active.Where(intent => intent.CoversCgroup(cgroup)))
        {
            Add(intent, ref directive);
        }

        return directive;
    }

    /// <summary>The budget of a directive, % of one CPU; 0: half of the machine.</summary>
    public static int BudgetPercentOf(in Directive directive) => (int)(directive.BudgetNs * 100 / BudgetWindowNs);

    /// <returns>True when the intent decided something.</returns>
    private static bool Add(Intent intent, ref Directive directive)
    {
        var effect = intent.Request.Effect;
        var decides = false;
        if (effect.Class != SchedulingClass.Unset && directive.ClassIntent == 0)
        {
            (directive.Class, directive.ClassIntent, directive.ClassExpiresNs) = (effect.Class, intent.Number, intent.ExpiresNs);
            // Per thread, of the 100 ms after which it is counted anew.
            directive.BudgetNs = (ulong)effect.BudgetPercent * BudgetWindowNs / 100;
            decides = true;
        }

        if (effect.SliceUs != 0 && directive.SliceIntent == 0)
        {
            (directive.SliceNs, directive.SliceIntent, directive.SliceExpiresNs) = ((ulong)effect.SliceUs * 1000, intent.Number, intent.ExpiresNs);
            decides = true;
        }

        if (effect.Cpus is not null && directive.CpusIntent == 0)
        {
            (directive.CpuSet, directive.CpusIntent, directive.CpusExpiresNs) = ((uint)intent.CpuSet, intent.Number, intent.ExpiresNs);
            decides = true;
        }

        return decides;
    }
}
