using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>The program itself, started as a client starts it.</summary>
public sealed class ProcessTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_but_protocol_lines_reaches_standard_output_however_much_is_logged()
    {
        await using var server = ServerProcess.Start("mcp", "--log-level", "trace");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        var lines = new List<string> { await server.ReadLineAsync() };
        await server.SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_status","arguments":{}}}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"prioritize_tasks","arguments":{"class":"high","pids":[1]}}}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"no_such_tool"}}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"list_tasks","arguments":{"limit":1}}}""");
        for (var i = 0; i < 5; i++)
        {
            lines.Add(await server.ReadLineAsync());
        }

        var (code, rest) = await server.EndInputAsync();
        lines.AddRange(rest);

        Assert.Equal(0, code);
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt32()).Order());
        Assert.All(lines, line => Assert.Equal("2.0", JsonElement.Parse(line).GetProperty("jsonrpc").GetString()));
        Assert.Contains("[VRB]", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_native_code_prints_goes_to_standard_error()
    {
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await server.ReadLineAsync();
        Assert.Equal(server.DescriptorTarget(2), server.DescriptorTarget(1));
    }

    // The comparison above says where it should go; here a thread of a library in the same process prints all the time.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_library_that_prints_during_a_session_disturbs_no_message(bool byDaemon)
    {
        var directory = Directory.CreateTempSubdirectory("coxswain-printer-").FullName;
        var (library, when) = (Path.Combine(directory, "printer.so"), Path.Combine(directory, "now"));
        using (var compiler = Process.Start("cc", ["-shared", "-fPIC", "-O2", "-pthread", "-o", library, Path.Combine(AppContext.BaseDirectory, "Native/printer.c")]))
        {
            await compiler.WaitForExitAsync(Cancelled);
            Assert.Equal(0, compiler.ExitCode);
        }

        await using var daemon = byDaemon ? await Daemon.DaemonProcess.StartAsync() : null;
        await using var server = ServerProcess.StartIn(
            [$"LD_PRELOAD={library}", $"PRINTER_WHEN={when}"], daemon is null ? ["mcp", "--simulate"] : ["mcp", "--socket", daemon.SocketPath]);
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        var lines = new List<string> { await server.ReadLineAsync() };
        await File.WriteAllTextAsync(when, "", Cancelled);
        for (var id = 2; id <= 100 || !server.Errors.Contains("by stdio", StringComparison.Ordinal); id++)
        {
            await server.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"tools/call","params":{"name":"get_topology","arguments":{} } }""");
            lines.Add(await server.ReadLineAsync());
        }

        var (code, rest) = await server.EndInputAsync();
        lines.AddRange(rest);
        Assert.Equal(0, code);
        Assert.Equal(Enumerable.Range(1, lines.Count), lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt32()));
        Assert.Contains("native noise, by descriptor", server.Errors, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_newest_protocol_needs_no_handshake()
    {
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""");
        var result = JsonElement.Parse(await server.ReadLineAsync()).GetProperty("result");
        Assert.Contains("2026-07-28", result.GetProperty("supportedVersions").EnumerateArray().Select(version => version.GetString()));
        Assert.Equal(0, (await server.EndInputAsync()).ExitCode);
    }

    [Fact]
    public async Task Requests_that_are_piped_in_get_their_answers_before_it_ends()
    {
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tasks","arguments":{"limit":1}}}""");
        var (code, lines) = await server.EndInputAsync();
        Assert.Equal(0, code);
        Assert.Equal([1, 2], lines.Select(line => JsonElement.Parse(line).GetProperty("id").GetInt32()).Order());
    }

    [Fact]
    public async Task It_ends_at_once_when_the_client_leaves_with_everything_answered()
    {
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync("""{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await server.ReadLineAsync();
        await server.SendAsync("this is no request");
        var left = Stopwatch.GetTimestamp();
        var (code, _) = await server.EndInputAsync();
        Assert.Equal(0, code);
        // Far below what it waits for answers.
        Assert.True(Stopwatch.GetElapsedTime(left) < TimeSpan.FromSeconds(20), $"{Stopwatch.GetElapsedTime(left)}");
    }

    [Fact]
    public async Task An_open_subscription_does_not_keep_it_alive_when_the_client_leaves()
    {
        const string meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync($$"""{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"_meta": {{meta}}, "notifications":{"toolsListChanged":true} } }""");
        await server.ReadLineAsync();
        Assert.Equal(0, (await server.EndInputAsync()).ExitCode);
    }

    [Theory]
    [InlineData(15)] // SIGTERM
    [InlineData(2)] // SIGINT
    public async Task A_signal_ends_it_cleanly(int signal)
    {
        await using var server = ServerProcess.Start("mcp");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await server.ReadLineAsync();
        Assert.Equal(0, await server.SignalAsync(signal));
    }

    [Fact]
    public async Task A_hangup_signal_reads_the_configuration_again_and_clients_are_told()
    {
        var config = Path.Combine(Directory.CreateTempSubdirectory("coxswain-config-").FullName, "config.toml");
        await File.WriteAllTextAsync(config, "[tools]\ndisabled = [\"set_policy\"]", Cancelled);
        await using var server = ServerProcess.Start("mcp", "--config", config, "--toolsets", "observe,admin");
        await server.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        await server.ReadLineAsync();
        await server.SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        await server.SendAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/list"}""");
        var before = await server.ReadLineAsync();
        await File.WriteAllTextAsync(config, "[tools]\nread_only = true", Cancelled);

        server.Signal(1);

        Assert.Contains("notifications/tools/list_changed", await server.ReadLineAsync(), StringComparison.Ordinal);
        await server.SendAsync("""{"jsonrpc":"2.0","id":3,"method":"tools/list"}""");
        var after = await server.ReadLineAsync();
        Assert.True(before.Contains("\"set_mode\"", StringComparison.Ordinal) && !before.Contains("\"set_policy\"", StringComparison.Ordinal));
        Assert.True(after.Contains("\"get_status\"", StringComparison.Ordinal) && !after.Contains("\"set_mode\"", StringComparison.Ordinal));
        Assert.DoesNotContain("\"revert\"", before, StringComparison.Ordinal);
        Assert.Equal(0, (await server.EndInputAsync()).ExitCode);
        Directory.Delete(Path.GetDirectoryName(config)!, recursive: true);
    }

    [Fact]
    public async Task A_tool_that_there_is_not_in_the_configuration_is_told_at_the_start()
    {
        var config = Path.Combine(Directory.CreateTempSubdirectory("coxswain-config-").FullName, "config.toml");
        await File.WriteAllTextAsync(config, "[tools]\ndisabled = [\"set_afinity\"]", Cancelled);
        await using var server = ServerProcess.Start("mcp", "--config", config);
        Assert.Equal(2, (await server.EndInputAsync()).ExitCode);
        Assert.Contains("tools: there is no tool 'set_afinity'; known are apply_strategies, dry_run, ", server.Errors, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(config)!, recursive: true);
    }

    [Fact]
    public async Task Input_that_ends_at_once_ends_it_cleanly()
    {
        await using var server = ServerProcess.Start("mcp");
        var (code, lines) = await server.EndInputAsync();
        Assert.Equal(0, code);
        Assert.Empty(lines);
    }

    [Fact]
    public async Task It_logs_to_a_file_as_well()
    {
        var path = Path.Combine(Path.GetTempPath(), $"coxswain-{Guid.NewGuid():N}.log");
        await using (var server = ServerProcess.Start("mcp", "--log-file", path, "--log-level", "debug"))
        {
            Assert.Equal(0, (await server.EndInputAsync()).ExitCode);
        }

        Assert.Contains("Hosting started", await File.ReadAllTextAsync(path, Cancelled), StringComparison.Ordinal);
        File.Delete(path);
    }

    [Theory]
    [InlineData("--lease-us 20001", "--lease-us 20001: must be a whole number from 0 to 20000.")]
    [InlineData("--lease-us -1", "--lease-us -1: must be a whole number from 0 to 20000.")]
    [InlineData("--lease-us 2.5", "--lease-us 2.5: must be a whole number from 0 to 20000.")]
    [InlineData("--slice-us 99", "--slice-us 99: must be a whole number from 1000 to 100000.")]
    [InlineData("--watchdog-ms 999", "--watchdog-ms 999: must be a whole number from 1000 to 30000.")]
    [InlineData("--policy lottery", "'lottery'")]
    [InlineData("--log-level loud", "'loud'")]
    [InlineData("--toolsets observe,all", "--toolsets: 'all' is none of observe, control, admin.")]
    [InlineData("--log-file /nonexistent/x.log", "--log-file /nonexistent/x.log: ")]
    [InlineData("--colour", "--colour")]
    public async Task A_wrong_option_is_explained_and_nothing_is_started(string options, string message)
    {
        await using var server = ServerProcess.Start(["mcp", .. options.Split(' ')]);
        var (code, lines) = await server.EndInputAsync();
        Assert.Equal(2, code);
        Assert.Empty(lines);
        Assert.Contains(message, server.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--version", "0.1.0")]
    [InlineData("--help", "Load the scheduler and serve MCP")]
    [InlineData("mcp --help", "--lease-us <N>")]
    public async Task It_tells_about_itself(string arguments, string expected)
    {
        await using var server = ServerProcess.Start(arguments.Split(' '));
        var (code, lines) = await server.EndInputAsync();
        Assert.Equal(0, code);
        Assert.Contains(expected, string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_it_says_how_to_find_one()
    {
        await using var server = ServerProcess.Start();
        Assert.Equal(2, (await server.EndInputAsync()).ExitCode);
        Assert.Contains("coxswain --help", server.Errors, StringComparison.Ordinal);
    }
}
