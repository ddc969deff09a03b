using System.Text;
using Coxswain.Core.Workloads.Cri;

namespace Coxswain.Guest.Pods;

/// <summary>Starts and ends pods through the container runtime's socket, as the kubelet does: there is none here. Thread-safe.</summary>
internal sealed class ContainerRuntime : IDisposable
{
    public const string Socket = "/run/containerd/containerd.sock";
    private const string Service = "runtime.v1.RuntimeService";
    private const string Image = "localhost/cox-pod:1";
    private const int MaxAnswer = 1 << 20;
    private const int OfNode = 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private readonly GrpcSocket _socket = new(Socket, MaxAnswer);

    /// <summary>Asks whether it can run pods.</summary>
    /// <returns>Its name and version, or why there is none.</returns>
    public async Task<(string Version, string Problem)> AskAsync(TimeSpan limit)
    {
        if (!File.Exists(Socket))
        {
            return ("", $"no container runtime listens at {Socket}");
        }

        try
        {
            using var patience = new CancellationTokenSource(limit);
            byte[] answer = await _socket.CallAsync($"{Service}/Version", [], patience.Token);
            string name = "", version = "";
            var reader = new ProtoReader(answer);
            while (reader.Next(out int field))
            {
                name = field == 2 ? Encoding.UTF8.GetString(reader.Bytes) : name;
                version = field == 3 ? Encoding.UTF8.GetString(reader.Bytes) : version;
            }

            return ($"{name} {version}", "");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            return ("", $"the container runtime at {Socket} does not answer: {e.Message}");
        }
    }

    /// <summary>Makes a pod without containers.</summary>
    /// <returns>The runtime's handle of it.</returns>
    public Task<string> RunPodAsync(PodSpec pod, bool sharesProcessIds = false) =>
        CallAsync("RunPodSandbox", new ProtoWriter().Add(1, Config(pod, sharesProcessIds)));

    /// <summary>Starts a container in a pod.</summary>
    /// <returns>The runtime's handle of it.</returns>
    public async Task<string> StartContainerAsync(string sandbox, PodSpec pod, ContainerSpec container)
    {
        ProtoWriter security = new ProtoWriter().Add(3, Namespaces(container.SharesProcessIds));
        ProtoWriter config = new ProtoWriter()
            .Add(1, new ProtoWriter().Add(1, container.Name))
            .Add(2, new ProtoWriter().Add(1, Image))
            .Add(3, "/bin/sh").Add(3, "-c").Add(3, container.Command);
        if (container.SharedDirectory.Length > 0)
        {
            config.Add(7, new ProtoWriter().Add(1, container.SharedDirectory).Add(2, container.SharedDirectory));
        }

        config.Add(15, new ProtoWriter().Add(2, security));
        string id = await CallAsync(
            "CreateContainer", new ProtoWriter().Add(1, sandbox).Add(2, config).Add(3, Config(pod, container.SharesProcessIds)));
        await CallAsync("StartContainer", new ProtoWriter().Add(1, id));
        return id;
    }

    /// <summary>Ends a container and forgets it.</summary>
    public async Task StopContainerAsync(string container)
    {
        await CallAsync("StopContainer", new ProtoWriter().Add(1, container));
        await CallAsync("RemoveContainer", new ProtoWriter().Add(1, container));
    }

    /// <summary>Ends a pod with its containers and forgets it.</summary>
    public async Task StopPodAsync(string sandbox)
    {
        await CallAsync("StopPodSandbox", new ProtoWriter().Add(1, sandbox));
        await CallAsync("RemovePodSandbox", new ProtoWriter().Add(1, sandbox));
    }

    public void Dispose() => _socket.Dispose();

    private static ProtoWriter Config(PodSpec pod, bool sharesProcessIds) => new ProtoWriter()
        .Add(1, new ProtoWriter().Add(1, pod.Name).Add(2, pod.Uid).Add(3, pod.Namespace))
        .Add(6, pod.Labels)
        .Add(8, new ProtoWriter()
            .Add(1, pod.Cgroup)
            .Add(2, new ProtoWriter().Add(1, Namespaces(sharesProcessIds))));

    // The machine's network: no CNI is needed.
    private static ProtoWriter Namespaces(bool sharesProcessIds)
    {
        ProtoWriter network = new ProtoWriter().Add(1, OfNode);
        return sharesProcessIds ? network.Add(2, OfNode) : network;
    }

    /// <returns>The first field of the answer, which is the id of what was made; empty when there is none.</returns>
    private async Task<string> CallAsync(string method, ProtoWriter request)
    {
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            byte[] answer = await _socket.CallAsync($"{Service}/{method}", request.Message, limit.Token);
            var reader = new ProtoReader(answer);
            return reader.Next(out int field) && field == 1 ? Encoding.UTF8.GetString(reader.Bytes) : "";
        }
        catch (OperationCanceledException)
        {
            throw new GuestException($"the container runtime did not answer {method} within {s_limit.TotalSeconds:F0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw new GuestException($"the container runtime refused {method}: {e.Message}");
        }
    }
}
