global using Coxswain.Kernel.Tests.Harness;
global using Coxswain.Kernel.Tests.Kernels;
global using Xunit;
