using System.Reflection;
using Xunit.v3;

namespace Coxswain.Kernel.Tests.Kernels;

/// <summary>xunit's own, with the classes left out that are for kernels which are not wanted.</summary>
public sealed class KernelTestFramework : XunitTestFramework
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly)
    {
        var tests = new XunitTestAssembly(assembly, null, null, null, null, null, assembly.GetName().Version);
        return new Discoverer(tests, new CollectionPerClassTestCollectionFactory(tests));
    }

    private sealed class Discoverer(IXunitTestAssembly assembly, IXunitTestCollectionFactory collections)
        : XunitTestFrameworkDiscoverer(assembly, collections)
    {
        protected override Type[] GetExportedTypes() =>
            [.. base.GetExportedTypes().Where(t => t.GetCustomAttribute<RunsOnAttribute>() is not { } kernel || kernel.Always || WantedKernels.List.Contains(kernel.Series))];
    }
}
