using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class BtfDataTests
{
    [Fact]
    public void Finds_members_and_variables_of_our_own_object()
    {
        BtfData btf = SchedulerProgram.ObjectBtf();
        Assert.Equal(0, btf.Members("cox_notice")!["generation"].Offset);
        Assert.Equal(16, btf.Members("cox_notice")!["comm"].Size);
        Assert.Contains("nr_cpu_ids", btf.Variables(".rodata").Keys);
        Assert.Equal(8, btf.Variables(".rodata")["scx_dsq_local"].Size);
        Assert.Equal(0UL, btf.Enumerators("COX_EXIT_KIND_")["COX_EXIT_KIND_UNKNOWN"]);
    }

    [Fact]
    public void Tells_of_what_is_not_there_without_failing()
    {
        BtfData btf = SchedulerProgram.ObjectBtf();
        Assert.Null(btf.Members("no_such_struct"));
        Assert.Equal(-1, btf.SizeOfStruct("no_such_struct"));
        Assert.Empty(btf.Variables(".no_such_section"));
        Assert.Empty(btf.Enumerators("NO_SUCH_"));
        Assert.Empty(btf.LastParameters("no_such_"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(100)]
    public void Refuses_bytes_that_are_no_btf(int length) =>
        Assert.Throws<InvalidDataException>(() => new BtfData(new byte[length]));

    [Fact]
    public void Refuses_a_section_outside_of_the_data()
    {
        byte[] bytes = new byte[24];
        bytes[0] = 0x9F;
        bytes[1] = 0xEB;
        bytes[4] = 24;
        bytes[13] = 0x7F; // length of the types
        Assert.Throws<InvalidDataException>(() => new BtfData(bytes));
    }
}
