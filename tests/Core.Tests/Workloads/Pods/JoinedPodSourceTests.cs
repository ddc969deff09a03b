using Coxswain.Core.Workloads.Pods;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Pods;

public sealed class JoinedPodSourceTests
{
    private readonly Source _runtime = new();
    private readonly Source _api = new();

    [Fact]
    public void Who_is_here_comes_from_the_runtime_and_the_labels_from_the_API()
    {
        _runtime.Reading = new PodReading([Pod("u1", "web-0", "old", "c1"), Pod("u2", "static", "x", "c2")], "");
        _api.Reading = new PodReading([Pod("u1", "web-0", "new", "c1", "c9"), Pod("u3", "pending", "x")], "");
        var reading = new JoinedPodSource(_runtime, _api).Read();
        Assert.Equal(["u1 new c1,c9", "u2 x c2"], reading.Pods.Select(Shown));
        Assert.Equal(("", ""), (reading.Problem, reading.Note));
    }

    [Fact]
    public void Another_pod_under_the_same_uid_is_not_believed()
    {
        _runtime.Reading = new PodReading([Pod("u1", "web-0", "old", "c1")], "");
        _api.Reading = new PodReading([Pod("u1", "thief", "new", "c9")], "");
        Assert.Equal(["u1 old c1"], new JoinedPodSource(_runtime, _api).Read().Pods.Select(Shown));
    }

    [Fact]
    public void Without_the_API_the_runtime_counts_alone_and_that_is_said()
    {
        _runtime.Reading = new PodReading([Pod("u1", "web-0", "old", "c1")], "");
        _api.Reading = new PodReading([], "the Kubernetes API at x is silent");
        var reading = new JoinedPodSource(_runtime, _api).Read();
        Assert.Equal(["u1 old c1"], reading.Pods.Select(Shown));
        Assert.Equal(("", "the Kubernetes API at x is silent; pods are those that the container runtime names"), (reading.Problem, reading.Note));
    }

    [Fact]
    public void Without_the_runtime_the_API_counts_alone_and_that_is_said()
    {
        _runtime.Reading = new PodReading([], "the container runtime hangs");
        _api.Reading = new PodReading([Pod("u1", "web-0", "new", "c1")], "");
        var reading = new JoinedPodSource(_runtime, _api).Read();
        Assert.Equal(["u1 new c1"], reading.Pods.Select(Shown));
        Assert.Equal(("", "the container runtime hangs; pods are those that the Kubernetes API names"), (reading.Problem, reading.Note));
    }

    [Fact]
    public void Without_both_both_are_named()
    {
        _runtime.Reading = new PodReading([], "the container runtime hangs");
        _api.Reading = new PodReading([], "the Kubernetes API at x is silent");
        Assert.Equal("the container runtime hangs; the Kubernetes API at x is silent", new JoinedPodSource(_runtime, _api).Read().Problem);
    }

    private static string Shown(PodInfo pod) => $"{pod.Uid} {pod.Labels["app"]} {string.Join(',', pod.ContainerIds)}";

    private static PodInfo Pod(string uid, string name, string label, params string[] containers) => new()
    {
        Uid = uid,
        Namespace = "shop",
        Name = name,
        Labels = new Dictionary<string, string> { ["app"] = label },
        ContainerIds = containers,
    };

    private sealed class Source : IPodSource
    {
        public PodReading Reading { get; set; } = new([], "");

        public PodReading Read() => Reading;
    }
}
