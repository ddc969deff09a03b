using Coxswain.Core.Observe.Experiments;

namespace Coxswain.Core.Intents.Experiments;

/// <summary>Switches an intent on by applying it, as anybody would, and off by ending it.</summary>
/// <param name="intents">Where.</param>
/// <param name="trial">The intent, with a lifetime that outlasts a period only: should this program die, the kernel ends it.</param>
internal sealed class TrialSwitch(IntentService intents, IntentRequest trial) : IExperimentSwitch
{
    private volatile string _id = "";

    /// <summary>The change that is in force now; empty: none.</summary>
    public string ChangeId => _id;

    public void TurnOn()
    {
        Change change;
        try
        {
            change = intents.Apply(trial).Change;
        }
        catch (IntentRejectedException exception)
        {
            throw new ExperimentInterruptedException($"it was refused meanwhile: {exception.Message}", exception);
        }

        _id = change.Id;
        if (change.TaskCount > 0 && change.ShadowedCount >= change.TaskCount)
        {
            throw new ExperimentInterruptedException("a more specific change decides for all threads that it names, so that it has no effect; explain_task shows which");
        }
    }

    public void TurnOff()
    {
        if (_id.Length > 0)
        {
            intents.EndTrial(_id);
            _id = "";
        }
    }

    public string WhyDisturbed() => _id.Length == 0 || intents.IsActive(_id) ? "" : $"its change {_id} was ended meanwhile (by somebody else, or with whom it names); list_changes shows how";
}
