using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;
using Xunit;

namespace Coxswain.Core.Tests.Safety;

public sealed class ProtectedTasksTests
{
    private const string InPod = "/kubepods/pod0b3a1c2d-4e5f-6071-8293-a4b5c6d7e8f9/aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd";

    [Theory]
    [InlineData("sshd", "remote access")]
    [InlineData("kubelet", "node agent")]
    [InlineData("containerd", "container runtime")]
    [InlineData("containerd-shim", "container runtime")]
    [InlineData("systemd-journal", "systemd")]
    [InlineData("dbus-daemon", "system bus")]
    [InlineData("vault", "the operator's list")]
    [InlineData("vault2", null)]
    [InlineData("fluent-bit", "the operator's list")]
    [InlineData("nginx", null)]
    [InlineData("sshd2", null)]
    public void What_the_machine_depends_on_is_protected(string command, string? reason) => Assert.Equal(reason, Why(command, "/system.slice/x.service"));

    [Theory]
    [InlineData("sshd")]
    [InlineData("kubelet")]
    [InlineData("fluent-bit")]
    public void In_a_pod_a_name_protects_nobody(string command) => Assert.Null(Why(command, InPod));

    [Fact]
    public void Where_the_cgroup_was_not_read_it_is_asked_for()
    {
        var protectedTasks = new ProtectedTasks(99, cgroupOf: _ => InPod);
        Assert.Null(protectedTasks.WhyProtected(Task("sshd", "")));
    }

    private static string? Why(string command, string cgroup) => new ProtectedTasks(99, ["vault", "fluent*"]).WhyProtected(Task(command, cgroup));

    private static TaskInfo Task(string command, string cgroup)
    {
        var key = new TaskKey(500, 1);
        return new TaskInfo { Key = key, Process = key, Command = command, ProcessCommand = command, Cgroup = cgroup };
    }
}
