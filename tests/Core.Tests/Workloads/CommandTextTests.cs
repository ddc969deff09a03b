using System.Text;
using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Workloads;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("nginx", "nginx")]
    [InlineData("kworker/0:1-events", "kworker/0:1-events")]
    [InlineData("a\u001b[31mred\n", "a[31mred")]
    [InlineData("abc\u202Egpj.exe", "abcgpj.exe")]
    [InlineData("zero\u200Bwidth\u2028", "zerowidth")]
    [InlineData("naïve 名", "naïve 名")]
    public void Only_what_can_be_seen_is_kept(string raw, string expected) =>
        Assert.Equal(expected, CommandText.Clean(Encoding.UTF8.GetBytes(raw)));

    [Fact]
    public void Bytes_that_are_not_text_become_replacement_characters() =>
        Assert.Equal("a\uFFFDb", CommandText.Clean([(byte)'a', 0xFF, (byte)'b']));

    [Fact]
    public void Long_text_is_cut_between_characters()
    {
        Assert.Equal(CommandText.MaxLength, CommandText.Clean(Encoding.UTF8.GetBytes(new string('x', 5000))).Length);
        Assert.Equal("ab", CommandText.Clean("ab\U0001F600", 3));
    }

    [Theory]
    [InlineData("slow pings, 1.5 ms", "slow pings, 1.5 ms")]
    [InlineData("a\u001b[31mred\n", @"a\u001b[31mred\u000a")]
    [InlineData("abc\u202Egpj.exe", @"abc\u202egpj.exe")]
    public void Evidence_is_shown_and_does_nothing(string raw, string expected) => Assert.Equal(expected, CommandText.Escape(raw, 100));

    [Fact]
    public void Evidence_is_cut_between_characters() => Assert.Equal(@"ab\u0007", CommandText.Escape("ab\a\a", 13));
}
