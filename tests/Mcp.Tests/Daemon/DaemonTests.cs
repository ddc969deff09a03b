using System.Diagnostics;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using Xunit;

namespace Coxswain.Mcp.Tests.Daemon;

/// <summary>Many clients at one daemon, on its socket.</summary>
public sealed class DaemonTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_share_one_scheduler_and_a_change_outlives_its_client()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var second = await daemon.ClientAsync("second");
        string changeId;
        await using (var first = await daemon.ClientAsync("first"))
        {
            var applied = await CallAsync(first, "prioritize_pods", new { @class = "latency_critical", @namespace = "free5gc", label_selector = "app=upf", ttl_seconds = 600, reason = "pings" });
            Assert.Equal(2, applied.GetProperty("pods_total").GetInt32());
            Assert.True(applied.GetProperty("visible_in_kernel").GetBoolean());
            changeId = applied.GetProperty("change_id").GetString()!;
        }

        var change = Assert.Single((await CallAsync(second, "list_changes")).GetProperty("changes").EnumerateArray());
        Assert.Equal(changeId, change.GetProperty("change_id").GetString());
        // Who it was, as the kernel tells it, beside what it calls itself.
        Assert.Equal($"first 7 (uid {OwnUid()})", change.GetProperty("by").GetString());
        await CallAsync(second, "revert", new { change_ids = new[] { changeId } });
        Assert.Equal(0, (await CallAsync(second, "get_status")).GetProperty("active_changes").GetInt32());
    }

    [Fact]
    public async Task Every_answer_of_the_made_up_machine_says_so()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var client = await daemon.ClientAsync();
        var pods = await CallAsync(client, "list_pods", new { limit = 5 });
        Assert.True(pods.GetProperty("simulated").GetBoolean());
        Assert.Contains("encoder-0", pods.GetRawText(), StringComparison.Ordinal);
        var refused = await client.CallToolAsync("set_affinity", new Dictionary<string, object?> { ["namespace"] = "data", ["pods"] = (string[])["redis-0"], ["cpus"] = "64-71" }, cancellationToken: Cancelled);
        Assert.True(refused.IsError);
        Assert.Equal("true", refused.Meta!["simulated"]!.ToJsonString());
        Assert.Contains("0-31", refused.Content.OfType<ModelContextProtocol.Protocol.TextContentBlock>().Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_made_up_machine_is_observed_as_a_real_one_is()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var client = await daemon.ClientAsync();
        var metrics = await CallAsync(client, "get_metrics", new { window_seconds = 3, scope = "pod", name = "free5gc/" });
        Assert.True(metrics.GetProperty("samples").GetInt64() > 500);
        Assert.Contains(metrics.GetProperty("delayers").EnumerateArray(), row => row.GetProperty("workload").GetString()!.StartsWith("batch/", StringComparison.Ordinal));
        var chain = await CallAsync(client, "find_dependencies", new { window_seconds = 3, scope = "pod", name = "ueransim/ue-0" });
        var found = chain.GetProperty("include_pods").EnumerateArray().Select(pod => pod.GetString()).ToHashSet();
        // Both ways lead to the same data network.
        Assert.Superset(new HashSet<string?> { "free5gc/dn-0", "free5gc/upf-0", "ueransim/gnb-0", "ueransim/ue-0" }, found);
        Assert.DoesNotContain(found, pod => pod!.StartsWith("batch/", StringComparison.Ordinal) || pod.StartsWith("shop/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_the_made_up_machine_CPU_sets_hold()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var client = await daemon.ClientAsync();
        await CallAsync(client, "set_affinity", new { @namespace = "batch", pods = new[] { "train-0" }, cpus = "4-7" });
        await Task.Delay(300, Cancelled);
        var tasks = await CallAsync(client, "list_tasks", new { command = "^python3", limit = 50 });
        Assert.Equal(16, tasks.GetProperty("total").GetInt32());
        Assert.All(tasks.GetProperty("tasks").EnumerateArray(), task => Assert.InRange(task.GetProperty("cpu").GetInt32(), 4, 7));
    }

    [Fact]
    public async Task A_message_that_is_too_long_ends_only_its_own_connection()
    {
        await using var daemon = await DaemonProcess.StartAsync(config: "[socket]\nmax_message_bytes = 4096\n");
        await using var client = await daemon.ClientAsync();
        await using var wrong = daemon.Connect();
        await wrong.WriteAsync(new byte[20_000].AsMemory(), Cancelled);
        using var reader = new StreamReader(wrong);
        Assert.Contains("longer than 4096 bytes", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
        // The end, or the kernel's word for an end before all was read.
        var rest = await Record.ExceptionAsync(async () => Assert.Null(await reader.ReadLineAsync(Cancelled)));
        Assert.True(rest is null or IOException, $"{rest}");
        Assert.True((await CallAsync(client, "get_status")).GetProperty("attached").GetBoolean());
    }

    [Fact]
    public async Task More_clients_than_it_may_have_are_told_so()
    {
        await using var daemon = await DaemonProcess.StartAsync(config: "[socket]\nmax_clients = 1\n");
        await using var client = await ConnectedAsync(daemon);
        await using var more = daemon.Connect();
        using var reader = new StreamReader(more);
        Assert.Contains("serves 1 clients already", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
        Assert.True((await CallAsync(client, "get_status")).GetProperty("attached").GetBoolean());
    }

    // Whatever it sends: requests, and such as are not counted as open, as they have the same id, are refused or are cancelled at once.
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":ID,"method":"tools/list","params":{META}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{META}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":ID,"method":"no/such/METHOD","params":{META}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":ID,"method":"subscriptions/listen","params":{META,"notifications":{"toolsListChanged":true}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":ID,"method":"tools/list","params":{META}}NEXT{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":ID}}""")]
    public async Task A_client_that_does_not_read_delays_nobody_and_takes_no_memory(string request)
    {
        const string Meta = """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}
            """;
        const int MostMb = 60;
        await using var daemon = await DaemonProcess.StartAsync();
        await using var client = await daemon.ClientAsync();
        await CallAsync(client, "get_status");
        var memory = daemon.MemoryMb;
        await using var deaf = daemon.Connect();
        var line = request.Replace("META", Meta, StringComparison.Ordinal).Replace("NEXT", "\n", StringComparison.Ordinal)
            .Replace("METHOD", new string('x', 2000), StringComparison.Ordinal) + "\n";
        var sending = Task.Run(
            async () =>
            {
                // Until it is not read from any more.
                for (var i = 0; i < 100_000; i++)
                {
                    await deaf.WriteAsync(Encoding.UTF8.GetBytes(line.Replace("ID", $"{i}", StringComparison.Ordinal)), Cancelled);
                }
            },
            Cancelled);
        var slowest = TimeSpan.Zero;
        var looks = new List<int>();
        for (var i = 0; i < 50; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await CallAsync(client, "get_status");
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            looks.Add(daemon.MemoryMb);
            await Task.Delay(40, Cancelled);
        }

        // Far above what it takes on a busy machine, far below the limit for one that does not read.
        Assert.True(slowest < TimeSpan.FromSeconds(5), $"{slowest}");
        Assert.False(sending.IsCompleted);
        // Right before a collection there is garbage too.
        var kept = looks.TakeLast(looks.Count / 2).Min();
        TestContext.Current.TestOutputHelper?.WriteLine($"{memory} MB before, then {string.Join(' ', looks)}");
        Assert.True(kept < memory + MostMb, $"{memory} MB before, {kept} MB with it");
        await deaf.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task Two_hundred_clients_that_call_and_vanish_leave_nothing_behind()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using var client = await daemon.ClientAsync();
        await CallAsync(client, "get_status");
        await VisitAsync(daemon);
        Assert.True((await CallAsync(client, "get_status")).GetProperty("attached").GetBoolean());
        Assert.DoesNotContain("connection failed", daemon.Log, StringComparison.Ordinal);
    }

    // They call and vanish, half of them without waiting for an answer.
    private static async Task VisitAsync(DaemonProcess daemon)
    {
        var before = daemon.Sockets;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await using var stream = daemon.Connect();
            await stream.WriteAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_status","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""" + "\n"), Cancelled);
            if (i % 2 == 0)
            {
                using var reader = new StreamReader(stream, leaveOpen: true);
                Assert.Contains("\"attached\":true", await reader.ReadLineAsync(Cancelled), StringComparison.Ordinal);
            }
        }));
        for (var i = 0; i < 600 && daemon.Sockets > before; i++)
        {
            await Task.Delay(50, Cancelled);
        }

        Assert.True(daemon.Sockets <= before, $"{before} sockets before, {daemon.Sockets} after");
    }

    [Fact]
    public async Task Thousands_of_clients_leave_no_memory_behind()
    {
        await using var daemon = await DaemonProcess.StartAsync();

        await daemon.ForgetsAsync(() => VisitAsync(daemon));
    }

    [Fact]
    public async Task It_takes_the_place_of_one_that_was_killed_but_not_of_one_that_serves()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await using (var second = ServerProcess.Start("serve", "--simulate", "--socket", daemon.SocketPath))
        {
            Assert.Equal(2, (await second.EndInputAsync()).ExitCode);
            Assert.Contains("a daemon answers there already", second.Errors, StringComparison.Ordinal);
        }

        await daemon.KillAsync();
        Assert.True(File.Exists(daemon.SocketPath));
        await using var third = ServerProcess.Start("serve", "--simulate", "--socket", daemon.SocketPath);
        for (var i = 0; ; i++)
        {
            try
            {
                daemon.Connect().Dispose();
                break;
            }
            catch (System.Net.Sockets.SocketException) when (i < 1000)
            {
                await Task.Delay(20, Cancelled);
            }
        }

        Assert.Equal(0, await third.SignalAsync(15));
        Assert.False(File.Exists(daemon.SocketPath));
    }

    [Fact]
    public async Task Only_its_user_and_group_may_connect()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(daemon.SocketPath));
        Assert.Equal(0, await daemon.StopAsync());
    }

    // The one that only asked whether it serves may be there still.
    private static async Task<McpClient> ConnectedAsync(DaemonProcess daemon)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await daemon.ClientAsync();
            }
            catch (Exception) when (i < 50)
            {
                await Task.Delay(50, Cancelled);
            }
        }
    }

    private static string OwnUid() =>
        File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private static async Task<JsonElement> CallAsync(McpClient client, string tool, object? arguments = null)
    {
        var given = JsonSerializer.SerializeToElement(arguments ?? new { }).EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value);
        var result = await client.CallToolAsync(tool, given, cancellationToken: Cancelled);
        Assert.False(result.IsError is true, string.Join(' ', result.Content.OfType<ModelContextProtocol.Protocol.TextContentBlock>().Select(block => block.Text)));
        return result.StructuredContent!.Value;
    }
}
