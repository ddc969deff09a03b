namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    [Fact]
    public async Task Survives_sleep_of_the_machine()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 4);

        for (int i = 0; i < 2; i++)
        {
            // All processes are frozen, devices are suspended, and the CPUs idle until the clock wakes the machine.
            GuestResult slept = await Guest.ControlAsync(
                """
                cd /sys/class/rtc/rtc0
                echo 0 >wakealarm
                echo +3 >wakealarm
                echo freeze >/sys/power/state && cat /sys/power/suspend_stats/success
                """);
            Assert.True(slept.ExitCode == 0, slept.ToString());
            Output($"slept {slept.LastLine} times");
            await hogs.AllProgressAsync(TimeSpan.FromSeconds(1.5));
        }

        await WaitForModeAsync("assist", TimeSpan.FromSeconds(10));
        await holder.StopAsync();
    }
}
