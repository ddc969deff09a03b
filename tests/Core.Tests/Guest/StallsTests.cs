using Coxswain.Guest.Bench;
using Xunit;

namespace Coxswain.Core.Tests.Guest;

public sealed class StallsTests
{
    private const string EndedByWatchdog = "3,512,23004561,-;sched_ext: BPF scheduler \"coxswain\" disabled (runnable task stall)\n";

    [Theory]
    [InlineData("6,511,23004561,-;sched_ext: BPF scheduler \"coxswain\" enabled\n")]
    [InlineData("6,513,23004561,-;sched_ext: BPF scheduler \"coxswain\" disabled (unregistered from user space)\n")]
    [InlineData("6,514,23004561,-;clocksource: tsc: mask: 0xffffffffffffffff\n SUBSYSTEM=cpu\n")]
    [InlineData("6,20,1,-;rcu: \tRCU CPU stall warnings timeout set to 21 (rcu_cpu_stall_timeout).\n")]
    public void What_is_no_stall_is_not_counted(string line) => Assert.Equal(0, Stalls.In([line]));

    [Theory]
    [InlineData(EndedByWatchdog)]
    [InlineData("sched_ext: BPF scheduler \"coxswain\" disabled (runtime error)")]
    [InlineData("0,600,1,-;watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [cox-hog:231]\n")]
    [InlineData("0,600,1,-;watchdog: Watchdog detected hard LOCKUP on cpu 0\n")]
    [InlineData("3,600,1,-;rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n")]
    [InlineData("3,600,1,-;rcu: INFO: rcu_preempt self-detected stall on CPU\n")]
    [InlineData("3,600,1,-;rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... }\n")]
    [InlineData("3,600,1,-;INFO: task kworker/1:2:77 blocked for more than 120 seconds.\n")]
    [InlineData("0,600,1,-;BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!\n")]
    public void What_is_one_is(string line) => Assert.Equal(1, Stalls.In([line]));

    [Fact]
    public void What_explains_one_is_not_another() => Assert.Equal(1, Stalls.In(
    [
        EndedByWatchdog,
        "3,513,23004570,-;sched_ext: coxswain: cox-hog[231] failed to run for 10.004s\n",
        "3,514,23004580,-;sched_ext: coxswain:    scx_watchdog_workfn+0x1c/0x2a0\n",
    ]));
}
