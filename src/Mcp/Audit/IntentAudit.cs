using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Audit;

/// <summary>Records the life of each change, and passes it on to the log.</summary>
internal sealed class IntentAudit(AuditTrail trail, IIntentObserver log) : IIntentObserver
{
    public void Applied(Change change, bool renewed)
    {
        trail.Change(change, renewed ? "renewed" : "applied");
        log.Applied(change, renewed);
    }

    public void Ended(Change change)
    {
        trail.Change(change, "ended");
        log.Ended(change);
    }

    public void Restored(int changes) => log.Restored(changes);

    public void Failed(Exception exception) => log.Failed(exception);
}
