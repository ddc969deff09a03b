using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Coxswain.Guest.Demo;

/// <summary>The latency-sensitive part: client → ue → gnb → upf and back, each a process of its own.</summary>
internal sealed class ServiceChain : IDisposable
{
    /// <summary>What all of it belongs to.</summary>
    public const string Group = "free5gc";

    private static readonly string[] s_apps = ["ue", "gnb", "upf"];
    private static readonly TimeSpan s_packetTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);
    private readonly ILauncher _launcher;
    private readonly ConcurrentBag<IProgram> _relays = [];
    private IProgram? _client;

    private ServiceChain(ILauncher launcher) => _launcher = launcher;

    /// <summary>Of the relays and of the client.</summary>
    public IEnumerable<int> Pids => _relays.Append(_client!).SelectMany(program => program.Pids);

    /// <summary>Where its programs live.</summary>
    public static IEnumerable<Home> Homes => s_apps.Select(HomeOf);

    /// <summary>As plain processes.</summary>
    public static Task<ServiceChain> StartAsync(int periodUs) => StartAsync(periodUs, new ProcessLauncher());

    public static async Task<ServiceChain> StartAsync(int periodUs, ILauncher launcher)
    {
        var chain = new ServiceChain(launcher);
        try
        {
            int[] ports = FreePorts(3);
            await Task.WhenAll(
                chain.StartRelayAsync("upf", ports[2], 0),
                chain.StartRelayAsync("gnb", ports[1], ports[2]),
                chain.StartRelayAsync("ue", ports[0], ports[1]),
                chain.StartClientAsync(ports[0], periodUs));
            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <summary>Measures one window. A lost packet counts as one that took the whole timeout.</summary>
    public async Task<ChainWindow> MeasureAsync(int samples, int warmup)
    {
        await _client!.WriteLineAsync($"{samples} {warmup}");
        string line = await _client.ReadLineAsync((s_packetTimeout * (samples + warmup)) + s_startLimit);
        return JsonSerializer.Deserialize(line, DemoJson.Default.ChainWindow)
            ?? throw new GuestException($"cox-chain printed no result: {line}");
    }

    public void Dispose()
    {
        _client?.Dispose();
        foreach (IProgram relay in _relays)
        {
            relay.Dispose();
        }
    }

    // The user's equipment and its client share a pod.
    private static Home HomeOf(string app) => new(Group, $"{app}-0", app);

    private async Task StartClientAsync(int next, int periodUs) => _client = await _launcher.StartAsync(
        HomeOf("ue"), "cox-chain", "client", "--name", "ue-client", "--next", Text(next), "--period-us", Text(periodUs),
        "--timeout-ms", Text((int)s_packetTimeout.TotalMilliseconds));

    private async Task StartRelayAsync(string name, int port, int next)
    {
        string[] arguments = ["relay", "--name", name, "--listen", Text(port)];
        IProgram relay = await _launcher.StartAsync(HomeOf(name), "cox-chain", next == 0 ? arguments : [.. arguments, "--next", Text(next)]);
        _relays.Add(relay);
        await relay.ReadLineAsync(s_startLimit); // it listens
    }

    private static int[] FreePorts(int count)
    {
        // All held at once, so that they differ; free again when the relays want them.
        Socket[] sockets = [.. Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))];
        foreach (Socket socket in sockets)
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        }

        int[] ports = [.. sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port)];
        Array.ForEach(sockets, s => s.Dispose());
        return ports;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
