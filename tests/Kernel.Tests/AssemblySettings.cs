using Xunit.Sdk;
using Xunit.v3;

// One guest at a time: each needs the CPUs for itself.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: TestFramework(typeof(KernelTestFramework))]
