using Coxswain.Core.Workloads.Kubernetes;
using Coxswain.Core.Workloads.Pods;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Kubernetes;

public sealed class KubernetesPodSourceTests : IAsyncLifetime
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);
    private static readonly KubernetesTimes s_quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(50),
        List = TimeSpan.FromSeconds(20),
        Silence = TimeSpan.FromSeconds(20),
    };

    private FakeApi _api = null!;

    public async ValueTask InitializeAsync() => _api = await FakeApi.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Pods_of_this_node_are_listed_and_nothing_but_read()
    {
        _api.List = context => FakeApi.SendAsync(context, FakeApi.ListOf("7", FakeApi.Pod("u1", "web-0"), FakeApi.Pod("u2", "job-0", phase: "Succeeded")));
        using var source = Source();
        await WaitFor(source, reading => reading.Problem.Length == 0);
        var pod = Assert.Single(source.Read().Pods);
        Assert.Equal(("u1", "shop", "web-0", "web", "c-u1"), (pod.Uid, pod.Namespace, pod.Name, pod.Labels["app"], pod.ContainerIds[0]));
        await WaitUntil(() => _api.Requests.Count == 2);
        Assert.Equal("GET /api/v1/pods?fieldSelector=spec.nodeName%3Dworker-1&limit=500 Bearer secret", _api.Requests.First());
        Assert.Contains("watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion=7 ", _api.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        _api.List = context => FakeApi.SendAsync(context, context.Request.Query.ContainsKey("continue")
            ? FakeApi.ListOf("9", FakeApi.Pod("u2", "web-1"))
            : $"{{\"metadata\":{{\"resourceVersion\":\"9\",\"continue\":\"to ken\"}},\"items\":[{FakeApi.Pod("u1", "web-0")}]}}");
        using var source = Source();
        await WaitFor(source, reading => reading.Pods.Count == 2);
    }

    [Fact]
    public async Task What_happens_afterwards_is_followed()
    {
        _api.List = context => FakeApi.SendAsync(context, FakeApi.ListOf("1", FakeApi.Pod("u1", "web-0")));
        _api.Watch = context => FakeApi.SendThenHoldAsync(
            context,
            FakeApi.Event("ADDED", FakeApi.Pod("u2", "web-1")),
            FakeApi.Event("MODIFIED", FakeApi.Pod("u2", "web-1", labels: "\"app\":\"api\"")),
            FakeApi.Event("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"77\"}}"),
            FakeApi.Event("DELETED", FakeApi.Pod("u1", "web-0")));
        using var source = Source();
        await WaitFor(source, reading => reading.Pods is [{ Uid: "u2" } pod] && pod.Labels["app"] == "api");
    }

    [Fact]
    public async Task A_watch_that_ends_goes_on_where_it_was()
    {
        var watches = 0;
        _api.Watch = context => Interlocked.Increment(ref watches) == 1
            ? FakeApi.SendAsync(context, FakeApi.Event("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"77\"}}"))
            : FakeApi.SendThenHoldAsync(context, FakeApi.Event("ADDED", FakeApi.Pod("u2", "web-1")));
        using var source = Source();
        await WaitFor(source, reading => reading.Pods.Count == 1);
        Assert.Equal(1, _api.Lists);
        Assert.Contains("resourceVersion=77 ", _api.Requests.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(410, "")]
    [InlineData(200, "{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"too old resource version\"}}\n")]
    public async Task When_the_past_is_forgotten_all_is_listed_anew(int status, string text)
    {
        var watches = 0;
        _api.List = context => FakeApi.SendAsync(context, watches == 0 ? FakeApi.ListOf("1", FakeApi.Pod("u1", "web-0")) : FakeApi.ListOf("2", FakeApi.Pod("u2", "web-1")));
        _api.Watch = context => Interlocked.Increment(ref watches) == 1 ? FakeApi.SendAsync(context, text, status) : FakeApi.SilentAsync(context);
        using var source = Source();
        await WaitFor(source, reading => reading is { Pods: [{ Uid: "u2" }], Problem: "" });
        Assert.Equal(2, _api.Lists);
    }

    [Theory]
    [InlineData("not json\n", "sent an event that is no JSON")]
    [InlineData("[]\n", "sent an event without an object")]
    [InlineData("{\"type\":\"EXPLODED\",\"object\":{}}\n", "sent an event of an unknown type, \"EXPLODED\"")]
    [InlineData("{\"type\":\"ERROR\",\"object\":{\"code\":500,\"message\":\"etcd\\u001b[31m\"}}\n", "ended the watch with status 500: etcd[31m")]
    public async Task Garbage_in_a_watch_is_told_and_healed(string text, string problem)
    {
        var healed = false;
        _api.List = context => Volatile.Read(ref healed) || _api.Lists == 1 ? FakeApi.SendAsync(context, FakeApi.ListOf("1", FakeApi.Pod("u1", "web-0"))) : FakeApi.SilentAsync(context);
        _api.Watch = context => Volatile.Read(ref healed) ? FakeApi.SilentAsync(context) : FakeApi.SendAsync(context, text);
        using var source = Source(s_quick with { List = TimeSpan.FromSeconds(5) });
        await WaitFor(source, reading => reading.Problem.EndsWith(problem, StringComparison.Ordinal));
        Assert.Single(source.Read().Pods);
        Volatile.Write(ref healed, true);
        await WaitFor(source, reading => reading is { Problem: "", Pods.Count: 1 });
    }

    [Theory]
    [InlineData(200, "nonsense", "answered with something that is no JSON")]
    [InlineData(200, "[]", "answered with something that is no list of pods")]
    [InlineData(401, "", "does not accept the token or certificate (HTTP status 401)")]
    [InlineData(403, "", "does not allow to list and watch pods (HTTP status 403); deploy/kubernetes/rbac.yaml has the role")]
    [InlineData(500, "", "answered with HTTP status 500")]
    public async Task A_list_that_cannot_be_used_is_told_and_tried_again(int status, string text, string problem)
    {
        _api.List = context => FakeApi.SendAsync(context, text, status);
        using var source = Source();
        await WaitFor(source, reading => reading.Problem == $"the Kubernetes API at {_api.Access.Server.Authority} {problem}");
        _api.List = context => FakeApi.SendAsync(context, FakeApi.ListOf("1", FakeApi.Pod("u1", "web-0")));
        await WaitFor(source, reading => reading is { Problem: "", Pods.Count: 1 });
    }

    [Fact]
    public async Task An_API_that_hangs_holds_nobody_up()
    {
        _api.List = FakeApi.SilentAsync;
        using var source = Source(s_quick with { List = TimeSpan.FromMilliseconds(100) });
        Assert.EndsWith("has not answered yet", source.Read().Problem, StringComparison.Ordinal);
        await WaitFor(source, reading => reading.Problem.EndsWith("did not answer within 0.1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_that_is_silent_for_too_long_is_begun_anew()
    {
        using var source = Source(s_quick with { Silence = TimeSpan.FromMilliseconds(100) });
        await WaitUntil(() => _api.Lists >= 3);
    }

    [Fact]
    public async Task Without_an_API_the_address_is_named()
    {
        using var source = new KubernetesPodSource(_api.Access with { Server = new Uri("http://127.0.0.1:1/") }, s_quick);
        await WaitFor(source, reading => reading.Problem.StartsWith("the Kubernetes API at 127.0.0.1:1 cannot be asked: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pods_that_odd_objects_describe_are_read_as_far_as_they_make_sense()
    {
        _api.List = context => FakeApi.SendAsync(context, FakeApi.ListOf(
            "1", "{}", "5", "null", "{\"metadata\":{\"uid\":7}}", "{\"metadata\":{\"uid\":\"u1\",\"labels\":[],\"name\":\"a\\nb\\u001b[0m\"},\"status\":{\"containerStatuses\":[{},{\"containerID\":\"x\"}]}}"));
        using var source = Source();
        await WaitFor(source, reading => reading.Problem.Length == 0);
        var pod = Assert.Single(source.Read().Pods);
        Assert.Equal(("u1", "ab[0m", 0, 0), (pod.Uid, pod.Name, pod.Labels.Count, pod.ContainerIds.Count));
    }

    [Fact]
    public async Task A_copy_of_a_pod_from_a_file_has_the_uid_of_its_cgroup_and_nobody_can_claim_it()
    {
        const string Claim = "\"kubernetes.io/config.hash\":\"u1\"";
        _api.List = context => FakeApi.SendAsync(context, FakeApi.ListOf(
            "1", FakeApi.Pod("a-thief", "thief", annotations: Claim), FakeApi.Pod("u1", "web-0"),
            FakeApi.Pod("u3", "etcd-worker-1", annotations: "\"kubernetes.io/config.hash\":\"abcdef\"")));
        using var source = Source();
        await WaitFor(source, reading => reading.Problem.Length == 0);
        Assert.Equal(["abcdef etcd-worker-1", "u1 web-0"], source.Read().Pods.Select(pod => $"{pod.Uid} {pod.Name}").Order());
    }

    private KubernetesPodSource Source(KubernetesTimes? times = null) => new(_api.Access, times ?? s_quick);

    private static Task WaitFor(KubernetesPodSource source, Func<PodReading, bool> holds) => WaitUntil(() => holds(source.Read()), () => source.Read().Problem);

    private static async Task WaitUntil(Func<bool> holds, Func<string>? present = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < s_long, present?.Invoke() ?? "it did not come to it");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
