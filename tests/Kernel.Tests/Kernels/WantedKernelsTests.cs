using System.Reflection;

namespace Coxswain.Kernel.Tests.Kernels;

public sealed class WantedKernelsTests
{
    [Fact]
    public void Every_kernel_that_is_wanted_has_tests()
    {
        string[] known = [.. typeof(WantedKernelsTests).Assembly.GetTypes().Select(t => t.GetCustomAttribute<RunsOnAttribute>()).OfType<RunsOnAttribute>().Where(k => !k.Always).Select(k => k.Series)];

        string[] unknown = [.. WantedKernels.List.Except(known)];

        Assert.True(WantedKernels.List.Count > 0, $"{WantedKernels.Variable} names no kernel");
        Assert.True(unknown.Length == 0,
            $"{WantedKernels.Variable} names {string.Join(", ", unknown)}, but there are tests for {string.Join(", ", known)}; a kernel takes one class in {nameof(Kernels)}");
    }
}
