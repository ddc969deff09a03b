namespace Coxswain.Kernel.Tests.Boots;

/// <summary>Machines that differ from the usual one in their CPUs. One kernel for each, the newest.</summary>
public abstract class BootTest(IBootedKernel kernel) : KernelTest(kernel)
{
    protected async Task<Holder> AttachAsync(string options = "")
    {
        Attached++;
        return await Holder.StartAsync(Guest, options);
    }

    /// <summary>Load, and user space away for longer than the watchdog waits: the shortest test that tells most.</summary>
    protected async Task<Counters> CarriesLoadAsync()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 5);
        (await Guest.RunAsync("hackbench -g 1 -l 100", TimeSpan.FromMinutes(4))).Succeeded();
        await holder.Process.SignalAsync("STOP");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(7));
        await holder.Process.SignalAsync("CONT");
        await hogs.AllProgressAsync(TimeSpan.FromSeconds(2));
        await hogs.Process.KillAsync();
        return await holder.StopAsync();
    }
}
