using Coxswain.Core.Intents;
using Coxswain.Testing;
using Xunit;

namespace Coxswain.Core.Tests.Intents;

public sealed class CpuTests : IDisposable
{
    private readonly IntentRig _rig = new();

    public CpuTests()
    {
        _rig.StartInPod(10, "redis", "shop", "redis-0");
        _rig.StartInPod(20, "web", "shop", "web-0");
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("0-3,8", "0-3,8")]
    [InlineData("8,0,2,1", "0-2,8")]
    [InlineData("5", "5")]
    [InlineData("1-1", "1")]
    public void Lists_are_read(string text, string expected) => Assert.Equal(expected, CpuChoice.TryParse(text, isHard: true)!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("-1")]
    [InlineData("1,")]
    [InlineData("0-100000")]
    [InlineData("9999999999")]
    public void What_is_no_list_is_refused(string text) => Assert.Null(CpuChoice.TryParse(text, isHard: false));

    [Fact]
    public void All_threads_of_a_pod_get_the_set_and_so_does_its_cgroup()
    {
        var result = Pin("redis-0", "1-2");
        Assert.All(result.Applied, applied => Assert.Equal(("1-2", 600), (applied.Seen.Cpus, applied.Seen.CpusExpiresInSeconds)));
        Assert.True(result.VisibleInKernel);
        var held = _rig.Kernel.HeldByCgroups[FakePods.Cgroup("shop", "redis-0")];
        Assert.Equal("hard 1,2", _rig.Kernel.DefinedSets[(int)held.CpuSet].Cpus);
        Assert.Null(_rig.Kernel.Of(20));
    }

    [Fact]
    public void A_set_is_given_up_with_the_last_change_that_wants_it()
    {
        var one = Pin("redis-0", "1-2").Change.Id;
        var other = Pin("web-0", "1-2").Change.Id;
        Assert.Equal(2, Assert.Single(_rig.Kernel.DefinedSets).Value.Uses);
        Pin("redis-0", "1-2");
        Assert.Equal(2, Assert.Single(_rig.Kernel.DefinedSets).Value.Uses);
        _rig.Intents.Revert([one]);
        Assert.Single(_rig.Kernel.DefinedSets);
        _rig.Intents.Revert([other]);
        Assert.Empty(_rig.Kernel.DefinedSets);
        Assert.Empty(_rig.Kernel.Held);
    }

    [Fact]
    public void At_its_end_a_change_gives_its_set_up()
    {
        Pin("redis-0", "3", ttl: 10);
        _rig.Time.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Empty(_rig.Kernel.DefinedSets);
        Assert.Empty(_rig.Kernel.HeldByCgroups);
    }

    [Fact]
    public void Class_slice_and_CPUs_come_from_different_changes()
    {
        Pin("redis-0", "3");
        _rig.Prioritize(new Selector { Namespace = "shop" }, SchedulingClass.Low);
        var seen = _rig.SetSlice(Selector.OfPids([10]), 2000).Applied[0].Seen;
        Assert.Equal((SchedulingClass.Low, 2000, "3", 3), (seen.Class, seen.SliceUs, seen.Cpus, seen.ChangeIds.Count));
    }

    [Fact]
    public void CPUs_that_are_not_there_are_refused_with_those_that_are()
    {
        var refusal = Assert.Throws<IntentRejectedException>(() => Pin("redis-0", "2-5"));
        Assert.Equal((RejectionCause.NoSuchCpu, "cpus=\"2-5\": this machine has CPUs 0-3, and CPU 4-5 is not one of them"), (refusal.Cause, refusal.Message));
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    [Fact]
    public void A_preview_tells_the_CPUs_and_makes_no_set()
    {
        var preview = _rig.Intents.Preview(Request("redis-0", "0-1"));
        Assert.All(preview.Tasks, planned => Assert.Equal("0-1", planned.After.Cpus));
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    [Fact]
    public void A_change_that_fails_half_way_leaves_no_set()
    {
        _rig.Kernel.BeforeWrite = _ => throw new InvalidOperationException("map is full");
        Assert.Throws<InvalidOperationException>(() => Pin("redis-0", "1"));
        _rig.Kernel.BeforeWrite = null;
        Assert.Empty(_rig.Kernel.DefinedSets);
    }

    private ApplyResult Pin(string pod, string cpus, int ttl = 600) => _rig.Intents.Apply(Request(pod, cpus) with { TtlSeconds = ttl });

    private static IntentRequest Request(string pod, string cpus) => new()
    {
        Selector = new Selector { Namespace = "shop", PodNames = [pod] },
        Effect = IntentEffect.OfCpus(CpuChoice.TryParse(cpus, isHard: true)!),
        Author = "agent",
    };
}
