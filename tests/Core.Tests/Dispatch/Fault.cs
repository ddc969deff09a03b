namespace Coxswain.Core.Tests.Dispatch;

/// <summary>What a policy can do wrong.</summary>
public enum Fault
{
    None,
    Throws,
    Miscounts,
    Loses,
    Repeats,
    RepeatsForEver,
    MakesUp,
    MakesUpNegative,
    CpuTooLarge,
    CpuNegative,
    SliceZero,
    SliceEndless,
}
