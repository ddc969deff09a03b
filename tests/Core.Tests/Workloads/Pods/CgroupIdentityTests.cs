using Coxswain.Core.Workloads;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Pods;

public sealed class CgroupIdentityTests
{
    private const string Uid = "0b3a1c2d-4e5f-6071-8293-a4b5c6d7e8f9";
    private const string Flat = "0b3a1c2d_4e5f_6071_8293_a4b5c6d7e8f9";
    private const string Hash = "f05dca1a0a1ff8b2c3d4e5f60718293a";
    private const string Id = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd";
    private const string Inner = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData($"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{Flat}.slice/cri-containerd-{Id}.scope", "besteffort", "containerd")]
    [InlineData($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Flat}.slice/crio-{Id}.scope", "burstable", "cri-o")]
    [InlineData($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Flat}.slice/crio-{Id}.scope/container", "burstable", "cri-o")]
    [InlineData($"/kubepods.slice/kubepods-pod{Flat}.slice/docker-{Id}.scope", "guaranteed", "docker")]
    [InlineData($"/kubepods/besteffort/pod{Uid}/{Id}", "besteffort", "")]
    [InlineData($"/kubepods/pod{Uid}/{Id}", "guaranteed", "")]
    [InlineData($"/kubepods/burstable/pod{Uid}/crio-{Id}", "burstable", "cri-o")]
    [InlineData($"/system.slice/containerd.service/kubepods-burstable-pod{Flat}.slice:cri-containerd:{Id}", "burstable", "containerd")]
    [InlineData($"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod{Flat}.slice/cri-containerd-{Id}.scope", "burstable", "containerd")]
    [InlineData($"/docker/{Inner}/kubelet/kubepods/burstable/pod{Uid}/{Id}", "burstable", "")]
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id}/docker/{Inner}", "burstable", "")]
    [InlineData($"/kubepods/burstable/pod{Uid}/{Id}/kubelet/kubepods/pod{Hash}/{Inner}", "burstable", "")]
    [InlineData($"/../../kubepods/pod{Uid}/{Id}/init.scope", "guaranteed", "")]
    public void Every_layout_of_a_pod_is_read(string path, string qos, string runtime)
    {
        var identity = CgroupIdentity.Parse(path);
        Assert.Equal((Uid, Id, qos, runtime), (identity.PodUid, identity.ContainerId, identity.Qos, identity.Runtime));
        Assert.True(CgroupIdentity.IsWithin(identity.ContainerPath, identity.PodPath), identity.ContainerPath);
        Assert.True(CgroupIdentity.IsWithin(path, identity.ContainerPath));
        Assert.DoesNotContain("/" + Id, identity.PodPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"/docker/{Id}", "")]
    [InlineData($"/system.slice/docker-{Id}.scope", "docker")]
    [InlineData($"/machine.slice/libpod-{Id}.scope/container", "podman")]
    [InlineData($"/libpod_parent/libpod-{Id}", "podman")]
    [InlineData($"/k8s.io/{Id}", "")]
    public void A_container_without_a_pod_is_read(string path, string runtime)
    {
        var identity = CgroupIdentity.Parse(path);
        Assert.Equal(("", Id, runtime, ""), (identity.PodUid, identity.ContainerId, identity.Runtime, identity.Qos));
        Assert.True(identity.IsContained);
    }

    [Fact]
    public void A_pod_from_a_file_has_a_hash_for_a_uid()
    {
        var identity = CgroupIdentity.Parse($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Hash}.slice/cri-containerd-{Id}.scope");
        Assert.Equal(Hash, identity.PodUid);
        Assert.Equal($"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{Hash}.slice", identity.PodPath);
    }

    [Theory]
    [InlineData("/system.slice/ssh.service", "ssh.service", "system.slice")]
    [InlineData("/user.slice/user-1000.slice/user@1000.service/app.slice/app-editor.service", "app-editor.service", "app.slice")]
    [InlineData("/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "user-1000.slice")]
    [InlineData("/init.scope", "init.scope", "")]
    [InlineData("/", "", "")]
    [InlineData("", "", "")]
    public void Units_and_slices_are_read(string path, string unit, string slice)
    {
        var identity = CgroupIdentity.Parse(path);
        Assert.Equal((unit, slice, false), (identity.Unit, identity.Slice, identity.IsContained));
    }

    [Theory]
    [InlineData($"/kubepods/burstable/pod{Uid}x/{Id}")]
    [InlineData("/kubepods/burstable/pod../1234")]
    [InlineData($"/notpods/pod{Uid}")]
    [InlineData($"/kubepods/tripod{Uid}")]
    public void What_only_looks_like_a_pod_is_none(string path) => Assert.Equal("", CgroupIdentity.Parse(path).PodUid);

    [Fact]
    public void The_monitor_of_a_container_is_not_the_container() => Assert.Equal(
        "", CgroupIdentity.Parse($"/kubepods.slice/kubepods-pod{Flat}.slice/crio-conmon-{Id}.scope").ContainerId);

    [Theory]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a", "/a", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/a", "/", true)]
    public void A_cgroup_is_within_another_by_whole_names(string path, string ancestor, bool within) =>
        Assert.Equal(within, CgroupIdentity.IsWithin(path, ancestor));

    [Fact]
    public void Any_text_is_a_path()
    {
        string[] words = ["/", "kubepods", "pod", Uid, Flat, Id, ".slice", ".scope", ":", "cri-containerd-", "-", "\u0000"];
        Gen.Int[0, words.Length - 1].Array[0, 20].Sample(parts =>
        {
            var path = string.Concat(parts.Select(part => words[part]));
            var identity = CgroupIdentity.Parse(path);
            return path.StartsWith(identity.PodPath, StringComparison.Ordinal) && path.StartsWith(identity.ContainerPath, StringComparison.Ordinal);
        });
    }
}
