using System.Text;
using Coxswain.Core.Kernel;
using Coxswain.Core.Tests.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class ProcStatTests
{
    [Theory]
    [InlineData("bash")]
    [InlineData("tmux: server")]
    [InlineData("a) R 1 (b")]
    [InlineData("((()))")]
    [InlineData("")]
    public void A_name_may_hold_spaces_and_parentheses(string command)
    {
        Assert.True(ProcStat.TryParse(Line(FakeProc.Stat(4242, command, startTicks: 777)), out var stat));
        Assert.Equal((4242, command, 777L), (stat.Tid, Encoding.UTF8.GetString(stat.Command), stat.StartTicks));
    }

    [Fact]
    public void Each_field_is_where_proc_5_says()
    {
        Assert.True(ProcStat.TryParse(Line(FakeProc.Stat(10, "x", 99, threads: 6, state: 'R')), out var stat));
        Assert.Equal(('R', 7, 5L, 0, 6), (stat.State, stat.ParentPid, stat.RunTicks, stat.Nice, stat.ThreadCount));
        Assert.Equal((99L, 3, 0), (stat.StartTicks, stat.Cpu, stat.Policy));
    }

    [Theory]
    [InlineData(0x00200000u, true)]
    [InlineData(0x00208040u, true)]
    [InlineData(0x00400000u, false)]
    public void Kernel_threads_are_known_by_their_flag(uint flags, bool expected)
    {
        Assert.True(ProcStat.TryParse(Line(FakeProc.Stat(2, "kthreadd", 1, flags: flags)), out var stat));
        Assert.Equal(expected, stat.IsKernelThread);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242")]
    [InlineData("4242 (cut")]
    [InlineData("4242 (cut) S 1 2 3")]
    [InlineData(") 1 (")]
    [InlineData("x (y) S 7 1 1 0 -1 0 10 0 0 0 3 2 0 0 20 0 1 0 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 17 3 0 0")]
    public void What_is_not_a_whole_line_is_refused(string line) => Assert.False(ProcStat.TryParse(Line(line), out _));

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text);
}
