namespace Coxswain.Core.Observe.Experiments;

/// <summary>Switches what is tried on and off. Used by one experiment at a time.</summary>
public interface IExperimentSwitch
{
    /// <summary>Switches it on, or sees to it that it stays on.</summary>
    /// <exception cref="ExperimentInterruptedException">It cannot, and the experiment has to end.</exception>
    void TurnOn();

    /// <summary>Switches it off. Off already is no error.</summary>
    void TurnOff();

    /// <summary>Why it is no longer as it was set; empty when it is.</summary>
    string WhyDisturbed();
}
