using System.Diagnostics;
using System.Text.Json;
using ModelContextProtocol.Client;
using Xunit;

namespace Coxswain.Mcp.Tests.Daemon;

/// <summary><c>coxswain mcp</c> where a daemon serves, and where one did.</summary>
public sealed class BridgeTests
{
    private const string Handshake = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_starts_it_talks_with_the_daemon()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var command = ServerProcess.Command("mcp", "--socket", daemon.SocketPath);
        await using (var client = await McpClient.CreateAsync(
            new StdioClientTransport(new StdioClientTransportOptions { Command = command[0], Arguments = [.. command[1..]] }), cancellationToken: Cancelled))
        {
            var status = (await client.CallToolAsync("get_status", cancellationToken: Cancelled)).StructuredContent!.Value;
            Assert.True(status.GetProperty("simulated").GetBoolean());
            await client.CallToolAsync("prioritize_pods", new Dictionary<string, object?> { ["class"] = "high", ["namespace"] = "web" }, cancellationToken: Cancelled);
        }

        await using var other = await daemon.ClientAsync();
        var after = (await other.CallToolAsync("get_status", cancellationToken: Cancelled)).StructuredContent!.Value;
        Assert.Equal(1, after.GetProperty("active_changes").GetInt32());
    }

    [Fact]
    public async Task What_was_asked_is_answered_before_it_ends()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var bridge = ServerProcess.Start("mcp", "--socket", daemon.SocketPath);
        await bridge.SendAsync(Handshake);
        await bridge.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{"limit":1}}}""");
        var (code, lines) = await bridge.EndInputAsync();
        Assert.Equal(0, code);
        Assert.Equal([0, 1], lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt32()).Order());
    }

    [Fact]
    public async Task When_the_daemon_dies_in_a_call_the_client_is_told_what_is_not_known()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var bridge = ServerProcess.Start("mcp", "--socket", daemon.SocketPath);
        await bridge.SendAsync(Handshake);
        await bridge.ReadLineAsync();
        daemon.Freeze();
        await bridge.SendAsync("""{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"list_tasks","arguments":{"limit":1}}}""");
        await Task.Delay(200, Cancelled); // so that the bridge has read it
        await daemon.KillAsync();
        var answer = JsonElement.Parse(await bridge.ReadLineAsync());
        Assert.Equal("a", answer.GetProperty("id").GetString());
        Assert.Contains("list_changes tells", answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await bridge.EndInputAsync()).ExitCode);
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_at_is_as_none()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await daemon.KillAsync();
        await using var embedded = ServerProcess.Start("mcp", "--socket", daemon.SocketPath);
        await embedded.SendAsync(Handshake);
        await embedded.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_changes","arguments":{}}}""");
        var (code, lines) = await embedded.EndInputAsync();
        Assert.Equal(0, code);
        Assert.DoesNotContain("simulated", lines.Single(line => line.Contains("\"id\":1", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_use_the_daemon_is_told_how_to()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        // As root, everything is allowed: then it is somebody else who tries, from a directory that all may read.
        var isRoot = Environment.UserName == "root";
        if (isRoot)
        {
            File.SetUnixFileMode(Path.GetDirectoryName(daemon.SocketPath)!, (UnixFileMode)0b111_101_101);
        }
        else
        {
            File.SetUnixFileMode(daemon.SocketPath, UnixFileMode.None);
        }

        string[] program = ServerProcess.Command("mcp", "--socket", daemon.SocketPath);
        string[] command = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. program] : program;
        using var process = Process.Start(new ProcessStartInfo(command[0], [.. command[1..]])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_HOME"] = "/tmp" },
        })!;
        process.StandardInput.Close();
        var errors = await process.StandardError.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        Assert.Contains("may not use it", errors, StringComparison.Ordinal);
        Assert.Contains("usermod -aG coxswain", errors, StringComparison.Ordinal);
        Assert.Equal(2, process.ExitCode);
    }
}
