using Coxswain.Core.Intents;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class NearMissTests
{
    private static readonly string[] s_known = ["ttl_seconds", "slice_us", "pids", "command", "reason", "class"];

    [Theory]
    [InlineData("ttl", "ttl_seconds")]
    [InlineData("ttl_second", "ttl_seconds")]
    [InlineData("slice", "slice_us")]
    [InlineData("pid", "pids")]
    [InlineData("CLASS", "class")]
    [InlineData("comand", "command")]
    public void A_slip_finds_what_was_meant(string wanted, string expected) => Assert.Equal(expected, NearMiss.Of(wanted, s_known)[0]);

    [Theory]
    [InlineData("")]
    [InlineData("zzzzzz")]
    [InlineData("q")]
    public void What_is_like_nothing_finds_nothing(string wanted) => Assert.Empty(NearMiss.Of(wanted, s_known));

    [Fact]
    public void At_most_as_many_as_asked_for_and_the_most_similar_first() =>
        Assert.Equal(["abcd", "abce"], NearMiss.Of("abcd", ["abxx", "abce", "abcd", "abcd", "zzz"], 2));
}
