using Xunit.v3;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>
/// A test that compares measured times or memory, which others on the same machine disturb, or that takes a minute and a half.
/// Continuous integration leaves it out by its trait, <c>measured</c>; <c>make test-kernel</c> does not.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MeasuredAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("measured", "yes")];
}
