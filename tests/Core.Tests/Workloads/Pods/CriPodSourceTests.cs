using Coxswain.Core.Workloads.Cri;
using Coxswain.Core.Workloads.Pods;
using CsCheck;
using Xunit;

namespace Coxswain.Core.Tests.Workloads.Pods;

public sealed class CriPodSourceTests
{
    private static readonly byte[] s_pods =
    [
        .. ProtoText.Pod("sandbox1", "upf-0", "uid-1", "free5gc", ("app", "upf"), ("io.kubernetes.pod.name", "upf-0")),
        .. ProtoText.Pod("sandbox2", "web", "uid-2", "shop"),
    ];

    private static readonly byte[] s_containers = [.. ProtoText.Container("c1", "sandbox1"), .. ProtoText.Container("c2", "sandbox1")];

    [Fact]
    public async Task Pods_come_with_names_labels_and_containers()
    {
        await using var runtime = await FakeRuntime.StartAsync((method, context) =>
            FakeRuntime.SendAsync(context, method == "ListPodSandbox" ? s_pods : s_containers));
        using var source = new CriPodSource(["/nowhere.sock", runtime.SocketPath]);

        var reading = source.Read();

        Assert.Equal("", reading.Problem);
        Assert.Equal(["free5gc/upf-0", "shop/web"], reading.Pods.Select(pod => pod.Title));
        Assert.Equal(("uid-1", "app"), (reading.Pods[0].Uid, Assert.Single(reading.Pods[0].Labels).Key));
        Assert.Equal(["sandbox1", "c1", "c2"], reading.Pods[0].ContainerIds);
        Assert.Equal(2, source.Read().Pods.Count);
    }

    [Fact]
    public void Without_a_runtime_it_says_where_it_looked()
    {
        using var source = new CriPodSource(["/nowhere.sock"]);
        Assert.Equal("no container runtime listens here (looked for /nowhere.sock)", source.Read().Problem);
    }

    [Fact]
    public async Task A_runtime_that_hangs_is_not_waited_for()
    {
        await using var runtime = await FakeRuntime.StartAsync((_, context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }));
        using var source = new CriPodSource([runtime.SocketPath], TimeSpan.FromMilliseconds(100));
        Assert.Equal($"the container runtime at {runtime.SocketPath} did not answer within 0.1 s", source.Read().Problem);
    }

    [Fact]
    public async Task A_runtime_that_refuses_is_quoted_without_what_could_hurt()
    {
        await using var runtime = await FakeRuntime.StartAsync((_, context) => FakeRuntime.SendAsync(context, [], "12", "unknown service%0A%1B[2Jrun this"));
        using var source = new CriPodSource([runtime.SocketPath]);
        Assert.Equal(
            $"the container runtime at {runtime.SocketPath} gave no usable answer: it answered with gRPC status 12: unknown service[2Jrun this",
            source.Read().Problem);
    }

    [Fact]
    public async Task Something_else_behind_the_socket_is_told()
    {
        await using var runtime = await FakeRuntime.StartAsync((_, context) => FakeRuntime.SendAsync(context, [0x0A, 0xFF]));
        using var source = new CriPodSource([runtime.SocketPath]);
        Assert.Contains("gave no usable answer: a number does not end", source.Read().Problem, StringComparison.Ordinal);
        runtime.Answer = (_, context) => context.Response.Body.WriteAsync("hello"u8.ToArray()).AsTask();
        Assert.Contains("the answer is not one message", source.Read().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_runtime_that_comes_back_is_asked_again()
    {
        var runtime = await FakeRuntime.StartAsync((method, context) => FakeRuntime.SendAsync(context, method == "ListPodSandbox" ? s_pods : s_containers));
        using var source = new CriPodSource([runtime.SocketPath]);
        var broken = false;
        runtime.Answer = (method, context) =>
        {
            if (broken)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return FakeRuntime.SendAsync(context, method == "ListPodSandbox" ? s_pods : s_containers);
        };
        await using (runtime)
        {
            Assert.Equal("", source.Read().Problem);
            broken = true;
            Assert.Contains("gave no usable answer", source.Read().Problem, StringComparison.Ordinal);
            broken = false;
            Assert.Equal("", source.Read().Problem);
        }
    }

    [Fact]
    public void Hostile_texts_are_cleaned_and_cut()
    {
        byte[] pods = ProtoText.Pod("s", "a\nb\u001b[31m\u202E", "uid", new string('n', 5000), ("k\r", new string('v', 100_000)));
        var pod = Assert.Single(PodMessages.Read(pods, [], out var complete));
        Assert.True(complete);
        Assert.Equal(("ab[31m", PodInfo.MaxTextLength), (pod.Name, pod.Namespace.Length));
        Assert.Equal(("k", PodInfo.MaxTextLength), (pod.Labels.Single().Key, pod.Labels.Single().Value.Length));
    }

    [Fact]
    public void A_pod_without_a_uid_is_left_out() => Assert.Empty(PodMessages.Read(ProtoText.Pod("s", "a", "", "b"), [], out _));

    [Fact]
    public void More_pods_than_are_read_are_told()
    {
        byte[] pods = [.. Enumerable.Range(0, PodMessages.MaxPods + 1).SelectMany(i => ProtoText.Pod($"s{i}", "a", $"u{i}", "b"))];
        Assert.Equal(PodMessages.MaxPods, PodMessages.Read(pods, [], out var complete).Count);
        Assert.False(complete);
    }

    [Fact]
    public void Whatever_bytes_come_they_are_read_or_refused() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 300], Gen.Byte).Sample((bytes, at, value) =>
        {
            // Noise alone rarely gets far; an answer with one byte changed does.
            byte[] damaged = [.. s_pods];
            damaged[at % damaged.Length] = value;
            return Survives(bytes) && Survives(damaged);
        });

    private static bool Survives(byte[] bytes)
    {
        try
        {
            PodMessages.Read(bytes, bytes, out _);
        }
        catch (InvalidDataException)
        {
            // Refused: fine.
        }

        return true;
    }
}
