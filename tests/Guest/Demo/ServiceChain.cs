using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Coxswain.Guest.Demo;

/// <summary>The latency-sensitive part: client → ue → gnb → upf and back, each a process of its own.</summary>
internal sealed class ServiceChain : IDisposable
{
    /// <summary>How an agent names the chain: a regex over command names.</summary>
    public const string Command = "^(ue|gnb|upf|ue-client)$";

    private static readonly TimeSpan s_packetTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);
    private readonly List<Child> _relays = [];
    private Child? _client;

    /// <summary>Of the relays and of the client.</summary>
    public IEnumerable<int> Pids => _relays.Append(_client!).Select(c => c.Pid);

    public static async Task<ServiceChain> StartAsync(int periodUs)
    {
        var chain = new ServiceChain();
        try
        {
            int[] ports = FreePorts(3);
            await chain.StartRelayAsync("upf", ports[2], 0);
            await chain.StartRelayAsync("gnb", ports[1], ports[2]);
            await chain.StartRelayAsync("ue", ports[0], ports[1]);
            chain._client = Child.Start(
                "cox-chain", "client", "--name", "ue-client", "--next", Text(ports[0]), "--period-us", Text(periodUs),
                "--timeout-ms", Text((int)s_packetTimeout.TotalMilliseconds));
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
        _relays.ForEach(r => r.Dispose());
    }

    private async Task StartRelayAsync(string name, int port, int next)
    {
        string[] arguments = ["relay", "--name", name, "--listen", Text(port)];
        Child relay = Child.Start("cox-chain", next == 0 ? arguments : [.. arguments, "--next", Text(next)]);
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
