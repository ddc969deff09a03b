using Coxswain.Core.Kernel;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

public sealed class VerifierReportTests
{
    [Fact]
    public void The_summary_is_found_among_the_other_lines()
    {
        const string Log =
            "verification time 1234 usec\nstack depth 88+32\n" +
            "processed 13979 insns (limit 1000000) max_states_per_insn 12 total_states 1388 peak_states 814 mark_read 0\n";
        Assert.Equal(new VerifierCost(13979, 1388, 814), VerifierReport.Parse(Log));
    }

    [Theory]
    [InlineData("")]
    [InlineData("verification time 1234 usec\n")]
    public void A_log_without_it_is_an_error(string log) => Assert.Throws<InvalidDataException>(() => VerifierReport.Parse(log));
}
