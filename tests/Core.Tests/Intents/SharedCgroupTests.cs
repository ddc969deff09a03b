using Coxswain.Core.Intents;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

/// <summary>A cgroup that protected threads share is never directed as a whole.</summary>
public sealed class SharedCgroupTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public SharedCgroupTests()
    {
        _rig.Machine.Start(10, "sshd");
        _rig.Machine.Move(10, "/system.slice/ssh.service");
        _rig.Machine.Start(20, "nginx", "worker");
        _rig.Machine.Move(20, "/system.slice/nginx.service");
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_later_change_for_some_of_its_threads_does_not_direct_it_either()
    {
        _rig.Prioritize(new Selector { Cgroup = "/system.slice" }, SchedulingClass.Low);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
        _rig.Prioritize(new Selector { Cgroup = "/system.slice/nginx.service" }, SchedulingClass.High);
        Assert.Equal("/system.slice/nginx.service", Assert.Single(_rig.Kernel.HeldByCgroups).Key);
        Assert.Equal((SchedulingClass.High, SchedulingClass.Unset), (_rig.ClassOf(21), _rig.ClassOf(10)));
    }
}
