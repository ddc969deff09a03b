using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class CpuListTests
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3\n", new[] { 0, 1, 2, 3 })]
    [InlineData("0-1,8,10-11", new[] { 0, 1, 8, 10, 11 })]
    [InlineData("", new int[0])]
    public void Lists_are_read_as_the_kernel_writes_them(string text, int[] expected) =>
        Assert.Equal(expected, CpuList.Parse(text));

    [Fact]
    public void This_machine_has_at_least_one_cpu_id() => Assert.InRange(CpuList.PossibleIds(), 1, 1024);
}
