using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests.Pods;

/// <summary>Pods of a real containerd, named by label: their threads are directed, and no others.</summary>
[RunsOn("newest")]
public sealed class PodTests(BootedNode<PodTests> node) : KernelTest(node), IClassFixture<BootedNode<PodTests>>
{
    // Mostly asleep: what is tested is who is directed, on an emulated machine that has to start pods meanwhile.
    private const string Threads = "exec cox-mt --threads 4 --name upf --spin-us 200 --sleep-us 50000";
    private const string Forks = "while true; do sleep 0.2; done";
    private const string Sleeps = "exec sleep 100000";
    private static readonly TimeSpan s_podLimit = TimeSpan.FromMinutes(2);
    private readonly List<Pod> _pods = [];

    public override async ValueTask DisposeAsync()
    {
        if (_pods.Count > 0)
        {
            await Guest.RunAsync($"coxswain-guest pod --stop {string.Join(',', _pods.Select(pod => pod.Sandbox))}", s_podLimit);
        }

        await base.DisposeAsync();
    }

    [Fact]
    public async Task Pods_named_by_label_are_directed_with_all_their_threads_and_nobody_else()
    {
        Pod threads = await StartAsync("free5gc/upf-0", 1, "app=upf,tier=user-plane", Threads);
        Pod forks = await StartAsync("free5gc/upf-1", 2, "app=upf", Forks);
        await StartAsync("free5gc/smf-0", 3, "app=smf", Sleeps);
        await StartAsync("lab/upf-0", 4, "app=upf", Sleeps);
        McpSession session = await ServeAsync();

        JsonElement pods = await session.CallAsync("list_pods", new { sort_by = "name" });
        Assert.Equal(
            ["free5gc/smf-0", "free5gc/upf-0", "free5gc/upf-1", "lab/upf-0"],
            pods.GetProperty("pods").EnumerateArray().Select(p => $"{p.GetProperty("namespace").GetString()}/{p.GetProperty("name").GetString()}"));
        var selection = new { @class = "high", @namespace = "free5gc", label_selector = "app=upf" };
        JsonElement plan = await session.CallAsync("dry_run", selection);
        Assert.Equal(2, plan.GetProperty("pods_total").GetInt32());
        Assert.Empty(await DirectedAsync());

        JsonElement applied = await session.CallAsync("prioritize_pods", selection);

        Assert.Equal(2, applied.GetProperty("pods_total").GetInt32());
        await ExpectExactlyAsync(threads, forks);
        // Many children later it is the same, and with another container in the place of one.
        threads = await RestartAsync(threads, "app=upf,tier=user-plane", Threads);
        await Task.Delay(TimeSpan.FromSeconds(5), Cancellation);
        await ExpectExactlyAsync(threads, forks);

        // A pod of the same deployment comes, and one goes: what is left is as it was before, entry by entry.
        IReadOnlyList<string> before = await EntriesOfAsync(threads);
        Pod born = await StartAsync("free5gc/upf-2", 5, "app=upf", Threads);
        await StopAsync(forks);
        await SettledAsync(threads, born);
        await ExpectExactlyAsync(threads, born);
        Assert.Equal(before, await EntriesOfAsync(threads));
        JsonElement explained = await session.CallAsync("explain_task", new { pid = (await ThreadsAsync(born.Cgroup))[^1] });
        Assert.True(explained.GetProperty("agrees").GetBoolean(), explained.GetRawText());
        Assert.Equal("free5gc/upf-2", explained.GetProperty("pod").GetString());

        JsonElement reverted = await session.CallAsync("revert", new { change_ids = (string?[])[applied.GetProperty("change_id").GetString()] });
        Assert.True(reverted.GetProperty("gone_from_kernel").GetBoolean(), reverted.GetRawText());
        await ExpectExactlyAsync();
        Assert.Equal(0, await session.LeaveAsync());
    }

    [Fact]
    public async Task A_runtime_that_hangs_does_not_take_the_pods_along()
    {
        Pod pod = await StartAsync("shop/web-0", 6, "app=web", Threads);
        McpSession session = await ServeAsync();
        await session.CallAsync("prioritize_pods", new { @class = "low", @namespace = "shop", ttl_seconds = 60 });
        try
        {
            (await Guest.ControlAsync("kill -STOP $(pidof containerd)")).Succeeded();
            // An answer of the last second still counts.
            await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
            JsonElement pods = await session.CallAsync("list_pods", new { @namespace = "shop" });
            Assert.Contains("did not answer", pods.GetProperty("problem").GetString(), StringComparison.Ordinal);
            Assert.Equal("web-0", pods.GetProperty("pods")[0].GetProperty("name").GetString());
            await ExpectExactlyAsync(pod);
            await session.CallAsync("revert", new { all = true });
            await ExpectExactlyAsync();
        }
        finally
        {
            (await Guest.ControlAsync("kill -CONT $(pidof containerd)")).Succeeded();
        }

        Assert.Equal(0, await session.LeaveAsync());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Task<Pod> StartAsync(string name, int number, string labels, string command) =>
        StartAsync(name, $"00000000-0000-4000-8000-{number:d12}", labels, command, "");

    /// <summary>Ends the pod's container and starts another, as the kubelet does with one that has crashed.</summary>
    private async Task<Pod> RestartAsync(Pod pod, string labels, string command)
    {
        Pod restarted = await StartAsync(pod.Name, pod.Uid, labels, command, $"--sandbox {pod.Sandbox} --restart {pod.Container}");
        _pods.Remove(pod);
        return restarted;
    }

    private async Task<Pod> StartAsync(string name, string uid, string labels, string command, string options)
    {
        GuestResult result = await Guest.RunAsync($"coxswain-guest pod --pod {name} --uid {uid} --labels {labels} --command '{command}' {options}", s_podLimit);
        JsonElement started = result.Succeeded().Json();
        var pod = new Pod(name, uid, started.GetProperty("sandbox").GetString()!, started.GetProperty("container").GetString()!);
        _pods.Add(pod);
        return pod;
    }

    private async Task StopAsync(Pod pod)
    {
        (await Guest.RunAsync($"coxswain-guest pod --stop {pod.Sandbox}", s_podLimit)).Succeeded();
        _pods.Remove(pod);
    }

    /// <summary>What the maps hold for a pod's cgroup and its threads.</summary>
    private async Task<IReadOnlyList<string>> EntriesOfAsync(Pod pod)
    {
        List<int> threads = await ThreadsAsync(pod.Cgroup);
        return [.. (await DirectiveMaps.ReadAsync(Guest)).Where(entry =>
            entry.Contains($"\"{pod.Cgroup}\"", StringComparison.Ordinal) || threads.Any(tid => entry.Contains($"\"tid\":{tid},", StringComparison.Ordinal)))];
    }

    private async Task<McpSession> ServeAsync()
    {
        Attached++;
        McpSession session = await McpSession.StartAsync(Guest);
        JsonElement status = await session.LoadedAsync();
        Assert.True(status.GetProperty("attached").GetBoolean(), status.GetRawText());
        return session;
    }

    // The runtime tells of pods when it is asked, which is every few seconds, and seconds are long in an emulated machine.
    private async Task SettledAsync(params Pod[] pods)
    {
        string[] wanted = [.. pods.Select(pod => pod.Cgroup).Order(StringComparer.Ordinal)];
        for (int i = 0; i < 30 && !wanted.SequenceEqual((await CgroupsAsync()).Order(StringComparer.Ordinal)); i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        }
    }

    // Both lists are made without the server: threads by the kernel's own list of the cgroup, directives from the maps.
    private async Task ExpectExactlyAsync(params Pod[] pods)
    {
        string[] cgroups = [.. pods.Select(pod => pod.Cgroup)];
        Assert.Equal(cgroups.Order(StringComparer.Ordinal), (await CgroupsAsync()).Order(StringComparer.Ordinal));
        var expected = new HashSet<int>();
        foreach (string cgroup in cgroups)
        {
            expected.UnionWith(await ThreadsAsync(cgroup));
        }

        HashSet<int> directed = await DirectedAsync();
        // Processes come and go between the two lists: whoever is in one of them only must be gone, or be born since.
        foreach (int tid in directed.Except(expected))
        {
            string cgroup = (await Guest.ControlAsync($"cat /proc/{tid}/cgroup 2>/dev/null || true")).LastLine;
            Assert.True(cgroup.Length == 0 || cgroups.Any(c => cgroup.Contains(c + "/", StringComparison.Ordinal)), $"thread {tid} in {cgroup} is directed");
        }

        foreach (int tid in expected.Except(directed))
        {
            Assert.False((await Guest.ControlAsync($"sleep 1; [ -e /proc/{tid} ]")).ExitCode == 0 && !(await DirectedAsync()).Contains(tid), $"thread {tid} is not directed");
        }
    }

    private async Task<List<int>> ThreadsAsync(string cgroup) =>
        [.. (await Guest.ControlAsync($"find /sys/fs/cgroup{cgroup} -name cgroup.threads -exec cat {{}} +")).Succeeded().Text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    private async Task<HashSet<int>> DirectedAsync() =>
        [.. (await ProbeAsync("directives", "directives")).Where(d => d.GetProperty("class").GetInt32() != 0).Select(d => d.GetProperty("tid").GetInt32())];

    private async Task<List<string>> CgroupsAsync() =>
        [.. (await ProbeAsync("cgroups", "cgroups")).Select(c => c.GetProperty("path").GetString()!)];

    private async Task<JsonElement.ArrayEnumerator> ProbeAsync(string command, string member) =>
        (await Guest.RunAsync($"coxswain-guest {command}")).Succeeded().Json().GetProperty(member).EnumerateArray();

    /// <param name="Name">NAMESPACE/NAME.</param>
    /// <param name="Uid">As the kubelet would choose it.</param>
    /// <param name="Sandbox">The runtime's handle of the pod.</param>
    /// <param name="Container">The runtime's handle of its container.</param>
    private sealed record Pod(string Name, string Uid, string Sandbox, string Container)
    {
        public string Cgroup => $"/kubepods/burstable/pod{Uid}";
    }
}
