using Coxswain.Core.Workloads.Pods;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Pods;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> s_labels = new() { ["app"] = "upf", ["tier"] = "b", ["k8s.io/part-of"] = "core", ["empty"] = "" };

    [Theory]
    [InlineData("app=upf", true)]
    [InlineData("app==upf", true)]
    [InlineData(" app = upf ", true)]
    [InlineData("app=smf", false)]
    [InlineData("app!=smf", true)]
    [InlineData("app!=upf", false)]
    [InlineData("absent!=x", true)]
    [InlineData("tier in (a,b)", true)]
    [InlineData("tier in ( a , c )", false)]
    [InlineData("tier notin (a,c)", true)]
    [InlineData("tier notin (a,b)", false)]
    [InlineData("absent notin (a)", true)]
    [InlineData("absent in (a)", false)]
    [InlineData("app", true)]
    [InlineData("absent", false)]
    [InlineData("!absent", true)]
    [InlineData("! app", false)]
    [InlineData("empty=", true)]
    [InlineData("k8s.io/part-of=core", true)]
    [InlineData("app=upf,tier in (a,b),!canary", true)]
    [InlineData("app=upf,tier=a", false)]
    public void Expressions_mean_what_they_mean_to_kubectl(string text, bool matches)
    {
        var selector = LabelSelector.TryParse(text, out var problem);
        Assert.Equal("", problem);
        Assert.Equal(matches, selector!.Matches(s_labels));
    }

    [Theory]
    [InlineData("", "must have 1 to 1024 characters")]
    [InlineData("app=upf,", "\"\" is no label key")]
    [InlineData("=upf", "\"\" is no label key")]
    [InlineData("app=a b", "\"a b\" is no label value")]
    [InlineData("app=-a", "\"-a\" is no label value")]
    [InlineData("app in (a", "\"app in (a\" is no expression")]
    [InlineData("app within (a)", "\"app within (a)\" is no expression")]
    [InlineData("app=a\u001b[2J", "\"a[2J\" is no label value")]
    [InlineData("a/b/c=d", "\"a/b/c\" is no label key")]
    public void What_is_no_expression_is_quoted_with_what_is_allowed(string text, string expected)
    {
        Assert.Null(LabelSelector.TryParse(text, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Contains("app=upf,tier in (a,b),!canary", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_expressions_are_refused() =>
        Assert.Null(LabelSelector.TryParse(string.Join(',', Enumerable.Range(0, 21).Select(i => $"a{i}")), out _));

    [Theory]
    [InlineData("b=1,a==2", "a=2,b=1")]
    [InlineData("a in (2)", "a=2")]
    [InlineData("a in (3,2,3)", "a in (2,3)")]
    public void Two_spellings_of_the_same_have_one_text(string text, string expected) =>
        Assert.Equal(expected, LabelSelector.TryParse(text, out _)!.ToString());

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.String.Sample(text => LabelSelector.TryParse(text, out var problem) is not null || problem.Length > 0);
}
