namespace Coxswain.Kernel.Tests.Harness;

/// <summary><c>coxswain serve</c> in the guest: many clients at a socket, and over HTTP.</summary>
public sealed class Daemon
{
    /// <summary>Where it listens if nothing else is said; clients of <see cref="ConnectAsync"/> find it there.</summary>
    public const string Socket = "/run/coxswain/coxswain.sock";

    /// <summary>Where it listens for HTTP.</summary>
    public const int Port = 7400;

    private readonly Guest _guest;

    private Daemon(Guest guest, GuestProcess process)
    {
        _guest = guest;
        Process = process;
    }

    /// <summary>For signals.</summary>
    public GuestProcess Process { get; }

    /// <summary>Starts it and waits until it serves with the scheduler attached.</summary>
    public static async Task<Daemon> StartAsync(Guest guest)
    {
        var daemon = new Daemon(guest, await guest.StartAsync($"exec coxswain serve --http 127.0.0.1:{Port}"));
        // Before it listens, a client would have a scheduler of its own.
        await daemon.Process.WaitForAsync("coxswain status >/dev/null 2>&1");
        McpSession session = await daemon.ConnectAsync("waiting");
        Assert.True((await session.LoadedAsync()).GetProperty("attached").GetBoolean());
        await session.LeaveAsync();
        return daemon;
    }

    /// <summary>A client, as one that talks to <c>coxswain mcp</c>.</summary>
    /// <param name="name">What it calls itself.</param>
    public Task<McpSession> ConnectAsync(string name) => McpSession.StartAsync(_guest, name: name);

    /// <summary>Ends it in an orderly way.</summary>
    public async Task StopAsync()
    {
        await Process.SignalAsync("TERM");
        Assert.Equal(0, await Process.WaitAsync());
    }
}
