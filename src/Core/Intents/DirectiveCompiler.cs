using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

/// <summary>Turns the active intents that name a thread into the one directive that the kernel gets for it.</summary>
internal sealed class DirectiveCompiler(IntentBook book, ProtectedTasks protectedTasks)
{
    /// <summary>Compiles a thread's directive: the class of the newest intent that sets one, and likewise the slice.</summary>
    /// <returns>The directive without a generation; <c>default</c> when no intent names the thread.</returns>
    public Directive Compile(TaskInfo task)
    {
        var directive = default(Directive);
        if (task.IsDead || protectedTasks.WhyProtected(task) is not null)
        {
            return directive;
        }

        foreach (var intent in book.Active)
        {
            // Each one is asked, so that each knows its threads even while a newer one overrides it.
            if (!intent.Claim(task))
            {
                continue;
            }

            var effect = intent.Request.Effect;
            if (effect.Class != SchedulingClass.Unset && directive.ClassIntent == 0)
            {
                (directive.Class, directive.ClassIntent, directive.ClassExpiresNs) = (effect.Class, intent.Number, intent.ExpiresNs);
            }

            if (effect.SliceUs != 0 && directive.SliceIntent == 0)
            {
                (directive.SliceNs, directive.SliceIntent, directive.SliceExpiresNs) = ((ulong)effect.SliceUs * 1000, intent.Number, intent.ExpiresNs);
            }
        }

        return directive;
    }
}
