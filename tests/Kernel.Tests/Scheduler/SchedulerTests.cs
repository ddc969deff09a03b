namespace Coxswain.Kernel.Tests;

/// <summary>The scheduler on a real kernel. Each class that derives from this is one kernel.</summary>
public abstract partial class SchedulerTests(IBootedKernel kernel) : KernelTest(kernel)
{
    private async Task<Holder> AttachAsync(string options = "")
    {
        Attached++;
        return await Holder.StartAsync(Guest, options);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void Output(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
