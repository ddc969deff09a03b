using System.Reflection;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>The one boot that all tests of a class share, of the kernel that the class is for.</summary>
/// <typeparam name="TTests">The class of tests.</typeparam>
public sealed class BootedKernel<TTests> : IBootedKernel, IAsyncLifetime
{
    private Guest? _guest;

    public Guest Guest => _guest ?? throw new InvalidOperationException("not booted yet");

    public async ValueTask InitializeAsync()
    {
        RunsOnAttribute kernel = typeof(TTests).GetCustomAttribute<RunsOnAttribute>()!;
        _guest = await Guest.BootAsync(kernel.Series, kernel.BootOptions);
    }

    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }
}
