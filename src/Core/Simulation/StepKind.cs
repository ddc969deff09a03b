namespace Coxswain.Core.Simulation;

/// <summary>Kinds of <see cref="TaskStep"/>.</summary>
internal enum StepKind
{
    Run,
    Sleep,
    Block,
    Fork,
    Wake,
    Exit,
}
