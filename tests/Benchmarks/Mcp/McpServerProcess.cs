using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>The built server, running.</summary>
internal sealed class McpServerProcess : IDisposable
{
    // The callers are one and the same to it, and are to be measured, not held up.
    private const string Configuration = "[http]\nmax_requests_per_second = 1000000\n";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    public McpServerProcess(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // Read, so that it never waits for us.
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public string SocketPath { get; private init; } = "";

    public int Port { get; private init; }

    /// <summary>CPU time of all its threads, also of those that have ended, ns.</summary>
    public double CpuNs => CpuClock.OfProcess(_process.Id);

    /// <summary>Physical memory that it holds.</summary>
    public double ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>One that serves standard input and output, with the simulated kernel.</summary>
    public static McpServerProcess Simulate(string program, params string[] options) =>
        new(program, ["mcp", "--simulate", "--socket", "/nonexistent", .. options]);

    public static async Task<McpServerProcess> ServeAsync(string program, string directory)
    {
        (string socket, string configuration, int port) = (Path.Combine(directory, "socket"), Path.Combine(directory, "config.toml"), FreePort());
        await File.WriteAllTextAsync(configuration, Configuration);
        var server = new McpServerProcess(
            program, "serve", "--simulate", "--socket", socket, "--config", configuration, "--http", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"))
        {
            SocketPath = socket,
            Port = port,
        };
        for (long started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return server;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(started) < s_startLimit && !server._process.HasExited)
            {
                await Task.Delay(20);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
