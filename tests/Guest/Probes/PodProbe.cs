using System.Text;
using Coxswain.Core.Workloads.Cri;

namespace Coxswain.Guest.Probes;

/// <summary>Starts and ends pods through the container runtime, as the kubelet does: there is none here.</summary>
internal static class PodProbe
{
    private const string Socket = "/run/containerd/containerd.sock";
    private const string Service = "runtime.v1.RuntimeService";
    private const string Image = "localhost/cox-pod:1";
    private const int NodeNamespace = 2; // network of the machine: no CNI is needed
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        string stop = options.Text("--stop", "");
        string[] title = options.Text("--pod", "default/pod").Split('/');
        string uid = options.Text("--uid", "");
        string labels = options.Text("--labels", "");
        string command = options.Text("--command", "");
        string restart = options.Text("--restart", "");
        string sandbox = options.Text("--sandbox", "");
        options.End();
        using var limit = new CancellationTokenSource(s_limit);
        using var socket = new GrpcSocket(Socket, 1 << 20);
        try
        {
            if (stop.Length > 0)
            {
                await CallAsync(socket, "StopPodSandbox", new ProtoWriter().Add(1, stop), limit.Token);
                await CallAsync(socket, "RemovePodSandbox", new ProtoWriter().Add(1, stop), limit.Token);
                return ExitCode.Worked;
            }

            if (title.Length != 2 || uid.Length == 0 || command.Length == 0)
            {
                throw new UsageException(
                    "--pod NAMESPACE/NAME --uid UID --command COMMAND are needed, with --restart CONTAINER --sandbox SANDBOX for a new container in the place of one; or --stop SANDBOX");
            }

            ProtoWriter pod = Pod(title, uid, labels);
            if (restart.Length > 0)
            {
                await CallAsync(socket, "StopContainer", new ProtoWriter().Add(1, restart), limit.Token);
                await CallAsync(socket, "RemoveContainer", new ProtoWriter().Add(1, restart), limit.Token);
            }
            else
            {
                sandbox = await CallAsync(socket, "RunPodSandbox", new ProtoWriter().Add(1, pod), limit.Token);
            }

            await StartAsync(socket, sandbox, pod, command, limit.Token);
            return ExitCode.Worked;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            throw new GuestException($"containerd: {e.Message}");
        }
    }

    private static async Task StartAsync(GrpcSocket socket, string sandbox, ProtoWriter pod, string command, CancellationToken cancellation)
    {
        ProtoWriter security = new ProtoWriter().Add(3, Namespaces());
        ProtoWriter container = new ProtoWriter()
            .Add(1, new ProtoWriter().Add(1, "main"))
            .Add(2, new ProtoWriter().Add(1, Image))
            .Add(3, "/bin/sh").Add(3, "-c").Add(3, command)
            .Add(15, new ProtoWriter().Add(2, security));
        string id = await CallAsync(
            socket, "CreateContainer", new ProtoWriter().Add(1, sandbox).Add(2, container).Add(3, pod), cancellation);
        await CallAsync(socket, "StartContainer", new ProtoWriter().Add(1, id), cancellation);
        ProbeJson.Print(json =>
        {
            json.WriteString("sandbox", sandbox);
            json.WriteString("container", id);
        });
    }

    private static ProtoWriter Pod(string[] title, string uid, string labels) => new ProtoWriter()
        .Add(1, new ProtoWriter().Add(1, title[1]).Add(2, uid).Add(3, title[0]))
        .Add(6, labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).Select(l => (l[0], l[1])))
        .Add(8, new ProtoWriter()
            .Add(1, $"/kubepods/burstable/pod{uid}")
            .Add(2, new ProtoWriter().Add(1, Namespaces())));

    private static ProtoWriter Namespaces() => new ProtoWriter().Add(1, NodeNamespace);

    /// <returns>The first field of the answer, which is the id of what was made; empty when there is none.</returns>
    private static async Task<string> CallAsync(GrpcSocket socket, string method, ProtoWriter request, CancellationToken cancellation)
    {
        byte[] answer = await socket.CallAsync($"{Service}/{method}", request.Message, cancellation);
        var reader = new ProtoReader(answer);
        return reader.Next(out int field) && field == 1 ? Encoding.UTF8.GetString(reader.Bytes) : "";
    }
}
