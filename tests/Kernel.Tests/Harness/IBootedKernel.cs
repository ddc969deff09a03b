namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A guest that is up.</summary>
public interface IBootedKernel
{
    Guest Guest { get; }
}
