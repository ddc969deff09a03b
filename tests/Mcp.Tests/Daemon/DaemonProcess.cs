using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests.Daemon;

/// <summary>A running <c>coxswain serve --simulate</c> with a directory of its own for socket and configuration.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);
    private readonly DirectoryInfo _directory;
    private readonly ServerProcess _process;

    private DaemonProcess(DirectoryInfo directory, ServerProcess process, int port)
    {
        _directory = directory;
        _process = process;
        Port = port;
    }

    /// <summary>Port of HTTP; 0: not served.</summary>
    public int Port { get; }

    public string SocketPath => Path.Combine(_directory.FullName, "coxswain.sock");

    public Uri Url => new($"http://127.0.0.1:{Port}/mcp");

    public int Id => _process.Id;

    public string Log => _process.Errors;

    /// <summary>Path of a file in the daemon's directory.</summary>
    public string File(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="http">Serve HTTP too.</param>
    /// <param name="config">Lines of the configuration; DIR stands for the daemon's directory.</param>
    /// <param name="files">Files to be there, by name, readable for their owner only.</param>
    public static async Task<DaemonProcess> StartAsync(bool http = false, string config = "", params (string Name, string Text)[] files)
    {
        var daemon = Create(http, config, files);
        var waited = Stopwatch.StartNew();
        while (!daemon.Serves())
        {
            Assert.False(daemon._process.HasExited, daemon.Log);
            Assert.True(waited.Elapsed < s_limit, daemon.Log);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        return daemon;
    }

    /// <summary>Starts it with something that it must refuse.</summary>
    /// <returns>Exit code and standard error.</returns>
    public static async Task<(int Code, string Errors)> RefusalAsync(bool http = false, string config = "", params (string Name, string Text)[] files)
    {
        await using var daemon = Create(http, config, files);
        var (code, _) = await daemon._process.EndInputAsync();
        return (code, daemon.Log);
    }

    /// <summary>Waits until the log says something: it is read as it comes, which may be after the answer.</summary>
    public async Task LoggedAsync(string text)
    {
        var waited = Stopwatch.StartNew();
        while (!Log.Contains(text, StringComparison.Ordinal) && waited.Elapsed < s_limit)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Contains(text, Log, StringComparison.Ordinal);
    }

    /// <summary>Opens a connection to the socket.</summary>
    public NetworkStream Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>A client at the socket.</summary>
    public async Task<McpClient> ClientAsync(string name = "test-agent")
    {
        var stream = Connect();
        return await McpClient.CreateAsync(
            new StreamClientTransport(stream, stream), new McpClientOptions { ClientInfo = new Implementation { Name = name, Version = "7" } },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>How many sockets it has open.</summary>
    public int Sockets => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) is true);

    /// <summary>Memory that it has of its own: what it got from the kernel and has not given back.</summary>
    public int MemoryMb => int.Parse(
        System.IO.File.ReadLines($"/proc/{Id}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>Lets clients come and go, more than a thousand of them, and checks that they leave no memory behind.</summary>
    /// <param name="visitAsync">200 of them.</param>
    /// <remarks>
    /// How much is free and not given back varies by ten megabytes, and by more right before a collection, which a busy machine
    /// may put off: of the last three looks the least counts, each of them after a thousand clients.
    /// </remarks>
    public async Task ForgetsAsync(Func<Task> visitAsync)
    {
        const int WarmUp = 2, Rounds = 5, Looks = 3, MostMb = 20;
        for (var round = 0; round < WarmUp; round++)
        {
            await visitAsync();
        }

        var before = MemoryMb;
        var after = new List<int>();
        for (var round = 1; round < Rounds + Looks; round++)
        {
            await visitAsync();
            after.Add(MemoryMb);
        }

        var text = $"{before} MB before, {string.Join(' ', after)} MB after 200 clients each";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Assert.True(after.TakeLast(Looks).Min() - before < MostMb, text);
    }

    /// <summary>Stops it so that it does nothing any more, but is still there.</summary>
    public void Freeze() => _process.Signal(19);

    public Task KillAsync() => _process.SignalAsync(9);

    public Task<int> StopAsync() => _process.SignalAsync(15);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static DaemonProcess Create(bool http, string config, (string Name, string Text)[] files)
    {
        var directory = Directory.CreateTempSubdirectory("cox");
        foreach (var (name, text) in files.Append(("config.toml", config.Replace("DIR", directory.FullName, StringComparison.Ordinal))))
        {
            var path = Path.Combine(directory.FullName, name);
            System.IO.File.WriteAllText(path, text);
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var port = http ? FreePort() : 0;
        string[] listen = http ? ["--http", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")] : [];
        var process = ServerProcess.Start(
            ["serve", "--simulate", "--socket", Path.Combine(directory.FullName, "coxswain.sock"), "--config", Path.Combine(directory.FullName, "config.toml"), .. listen]);
        return new DaemonProcess(directory, process, port);
    }

    private bool Serves()
    {
        try
        {
            Connect().Dispose();
            if (Port != 0)
            {
                using var tcp = new TcpClient();
                tcp.Connect(IPAddress.Loopback, Port);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
