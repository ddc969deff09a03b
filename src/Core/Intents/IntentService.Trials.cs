namespace Coxswain.Core.Intents;

// What experiments need: to know beforehand that a change would be taken, and to end it whatever has been decided since.
public sealed partial class IntentService
{
    /// <summary>Refuses what applying would refuse now, and what is in force already. Changes nothing.</summary>
    /// <exception cref="IntentRejectedException">It would be refused.</exception>
    internal void Admit(IntentRequest request)
    {
        RefuseReadOnly();
        request = Checked(request);
        lock (_gate)
        {
            try
            {
                RequireAttached();
                EndExpired();
                var plan = MakePlan(request);
                if (plan.Previous is { } previous)
                {
                    throw new IntentRejectedException(
                        RejectionCause.Conflict, $"{previous.Id} does this already, so that there is nothing to compare with; revert it first");
                }

                RefuseConflicts(plan);
                RefuseUnconfirmed(plan);
            }
            finally
            {
                Reschedule();
            }
        }
    }

    /// <summary>Tells whether a change is in force.</summary>
    internal bool IsActive(string id)
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            return _book.FindActive(id) is not null;
        }
    }

    /// <summary>Ends a change of an experiment, also when nothing may be changed any more: it is not there to stay.</summary>
    internal void EndTrial(string id)
    {
        lock (_gate)
        {
            Follow();
            EndExpired();
            if (_book.FindActive(id) is { } intent)
            {
                Revert([intent], [], []);
            }
        }
    }
}
