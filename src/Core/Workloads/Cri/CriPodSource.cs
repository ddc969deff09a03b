using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Workloads.Cri;

/// <summary>Asks the container runtime of this machine for its pods, over the socket that the kubelet uses.</summary>
public sealed class CriPodSource : IPodSource, IDisposable
{
    private const string Service = "runtime.v1.RuntimeService";

    // 1,000 pods with all their labels and annotations are about 5 MB.
    private const int MaxAnswer = 64 * 1024 * 1024;

    /// <summary>Longest wait for an answer.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<string> _paths;
    private readonly TimeSpan _patience;
    private readonly Lock _gate = new();
    private (string Path, GrpcSocket Socket)? _open;

    /// <summary>Creates a source; the socket is looked for at each reading.</summary>
    /// <param name="paths">Sockets to try; the first that exists is used.</param>
    /// <param name="patience">Longest wait for an answer; null: <see cref="Patience"/>.</param>
    public CriPodSource(IReadOnlyList<string> paths, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        _paths = paths;
        _patience = patience ?? Patience;
    }

    /// <summary>Where containerd, CRI-O, k3s and cri-dockerd listen.</summary>
    public static IReadOnlyList<string> DefaultPaths { get; } =
    [
        "/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/k3s/containerd/containerd.sock", "/run/cri-dockerd.sock",
    ];

    /// <inheritdoc/>
    public PodReading Read()
    {
        if (_paths.FirstOrDefault(File.Exists) is not { } path)
        {
            return new PodReading([], $"no container runtime listens here (looked for {string.Join(", ", _paths)})");
        }

        try
        {
            using var limit = new CancellationTokenSource(_patience);
            // On the pool: whoever calls must not have its own context waited for.
            return Task.Run(() => ReadAsync(path, limit.Token), limit.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return Failed(path, $"did not answer within {_patience.TotalSeconds:0.#} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return Failed(path, $"gave no usable answer: {CommandText.Clean(exception.Message, 200).TrimEnd('.')}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _open?.Socket.Dispose();

    private static PodReading Failed(string path, string what) => new([], $"the container runtime at {path} {what}");

    private async Task<PodReading> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var socket = Open(path);
        var pods = socket.CallAsync($"{Service}/ListPodSandbox", PodMessages.ListReadyPods, cancellationToken);
        var containers = socket.CallAsync($"{Service}/ListContainers", PodMessages.ListRunningContainers, cancellationToken);
        var answers = await Task.WhenAll(pods, containers).ConfigureAwait(false);
        var found = PodMessages.Read(answers[0], answers[1], out var complete);
        return new PodReading(found, complete ? "" : $"the container runtime at {path} names more pods than are read");
    }

    private GrpcSocket Open(string path)
    {
        lock (_gate)
        {
            if (_open is not { } open || open.Path != path)
            {
                _open?.Socket.Dispose();
                _open = open = (path, new GrpcSocket(path, MaxAnswer));
            }

            return open.Socket;
        }
    }
}
