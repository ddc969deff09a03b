using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Daemon;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Xunit;

namespace Coxswain.Mcp.Tests.Daemon;

/// <summary>Who may do what at the daemon's socket is a matter of the groups that the kernel vouches for.</summary>
public sealed class RoleTests
{
    private const int Somebody = 1000;
    private const int DaemonUser = 990;

    private static readonly RoleSettings s_roles = new() { Observe = ["adm"], Control = ["coxswain", "pilots"], Admin = ["wheel"] };

    private static readonly Dictionary<string, int> s_groups = new() { ["adm"] = 4, ["coxswain"] = 990, ["pilots"] = 991, ["wheel"] = 10 };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new[] { 4 }, "Observe")]
    [InlineData(new[] { 990 }, "Control")]
    [InlineData(new[] { 100, 991 }, "Control")]
    [InlineData(new[] { 10 }, "Admin")]
    // The highest counts, in whatever order they come.
    [InlineData(new[] { 4, 10, 990 }, "Admin")]
    [InlineData(new[] { 990, 4 }, "Control")]
    [InlineData(new[] { 100 }, "")]
    [InlineData(new int[0], "")]
    public void The_highest_role_of_a_users_groups_counts(int[] groups, string role) => Assert.Equal(role, RoleOf(s_roles, Somebody, groups));

    [Theory]
    [InlineData(0)]
    [InlineData(DaemonUser)]
    public void Root_and_the_daemons_own_user_may_everything_in_whatever_groups(int uid) => Assert.Equal("Admin", RoleOf(s_roles, uid));

    [Fact]
    public void A_user_or_group_of_the_same_number_is_somebody_else()
    {
        // 4 is the number of adm; as a user it has no groups.
        Assert.Equal("", RoleOf(s_roles, 4));
        Assert.Equal("", RoleOf(s_roles, Somebody, 0));
    }

    [Fact]
    public void A_group_that_this_machine_does_not_have_gives_nobody_a_role()
    {
        var roles = new RoleSettings { Admin = ["nobody-has-this"] };
        Assert.Equal("", RoleOf(roles, Somebody, 4, 10, 991));
        Assert.Equal("Control", RoleOf(roles, Somebody, 990)); // the default
    }

    [Fact]
    public void The_kernel_tells_user_process_and_all_groups_of_the_other_end()
    {
        var directory = Directory.CreateTempSubdirectory("cox");
        var at = new UnixDomainSocketEndPoint(Path.Combine(directory.FullName, "s"));
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(at);
        listening.Listen();
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(at);
        using var accepted = listening.Accept();

        var (pid, uid, groups) = UnixAccounts.PeerOf(accepted);

        Assert.Equal((Environment.ProcessId, Own("Uid:")[1]), (pid, uid));
        Assert.Equal(Own("Groups:").Append(Own("Gid:")[1]).ToHashSet(), groups.ToHashSet());
        directory.Delete(recursive: true);
    }

    // Groups that every Debian has; only root can start somebody else, so that another user sees the row of the daemon's own user alone.
    [Fact]
    public async Task A_client_at_the_socket_has_the_role_of_its_groups_and_the_audit_names_it()
    {
        await using var daemon = await DaemonProcess.StartAsync(config: """
            [roles]
            observe = ["games"]
            control = ["users"]
            admin = ["operator"]
            [audit]
            file = "DIR/audit.jsonl"
            """);
        var isRoot = UnixAccounts.OwnUid == 0;
        if (isRoot)
        {
            // They are members of no group in common, and have to come as far as the socket.
            File.SetUnixFileMode(daemon.SocketPath, (UnixFileMode)0b110_110_110);
            File.SetUnixFileMode(Path.GetDirectoryName(daemon.SocketPath)!, (UnixFileMode)0b111_001_001);
        }

        (int Uid, string[] As, Toolset Role)[] clients = isRoot
            ?
            [
                (65534, Setpriv(65534, group: "games"), Toolset.Observe),
                (65533, Setpriv(65533, group: "users"), Toolset.Control),
                // By groups beside its own, and the highest of them.
                (65532, Setpriv(65532, group: "nogroup", "games", "operator"), Toolset.Admin),
            ]
            : [(UnixAccounts.OwnUid, [], Toolset.Admin)];

        foreach (var (uid, start, role) in clients)
        {
            await VisitAsync(daemon, uid, start, role);
        }

        if (isRoot)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(daemon, Setpriv(65531, group: "nogroup")));
            await daemon.LoggedAsync("Refused uid 65531");
        }

        var peers = File.ReadLines(daemon.File("audit.jsonl")).Select(line => JsonElement.Parse(line)).Where(record => record.TryGetProperty("peer", out _))
            .Select(record => record.GetProperty("peer")).ToList();
        Assert.Equal(
            clients.Select(client => (client.Uid, $"uid {client.Uid}", Toolsets.Name(client.Role))),
            peers.Select(peer => (peer.GetProperty("uid").GetInt32(), peer.GetProperty("name").GetString()!, peer.GetProperty("role").GetString()!)).Distinct());
        Assert.All(peers, peer => Assert.Equal("socket", peer.GetProperty("kind").GetString()));
        Assert.All(peers, peer => Assert.True(peer.GetProperty("pid").GetInt32() > 1));
    }

    // Sees the tools of its role, and is refused the next one, whatever the list says.
    private static async Task VisitAsync(DaemonProcess daemon, int uid, string[] start, Toolset role)
    {
        await using var client = await ConnectAsync(daemon, start);
        var tools = (await client.ListToolsAsync(cancellationToken: Cancelled)).Select(tool => tool.Name).ToHashSet();
        Assert.Contains("get_status", tools);
        Assert.Equal(role >= Toolset.Control, tools.Contains("revert"));
        Assert.Equal(role >= Toolset.Admin, tools.Contains("set_mode"));
        Assert.Equal(role >= Toolset.Control, await IsDoneAsync(client, "revert", "all", true, uid));
        Assert.Equal(role >= Toolset.Admin, await IsDoneAsync(client, "set_mode", "mode", "kernel", uid));
    }

    private static async Task<bool> IsDoneAsync(McpClient client, string tool, string argument, object value, int uid)
    {
        var result = await client.CallToolAsync(tool, new Dictionary<string, object?> { [argument] = value }, cancellationToken: Cancelled);
        if (result.IsError is true)
        {
            Assert.Contains($"and uid {uid} has the role", result.Content.OfType<TextContentBlock>().Single().Text, StringComparison.Ordinal);
        }

        return result.IsError is not true;
    }

    private static async Task<McpClient> ConnectAsync(DaemonProcess daemon, string[] start)
    {
        string[] command = [.. start, .. ServerProcess.Command("mcp", "--socket", daemon.SocketPath)];
        return await McpClient.CreateAsync(
            new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = command[0],
                Arguments = [.. command[1..]],
                EnvironmentVariables = new Dictionary<string, string?> { ["DOTNET_CLI_HOME"] = "/tmp" },
            }),
            cancellationToken: Cancelled);
    }

    private static string[] Setpriv(int uid, string group, params string[] more) =>
    [
        "setpriv", string.Create(CultureInfo.InvariantCulture, $"--reuid={uid}"), $"--regid={UnixAccounts.GroupId(group)}",
        more.Length > 0 ? $"--groups={string.Join(',', more.Select(UnixAccounts.GroupId))}" : "--clear-groups",
    ];

    private static string RoleOf(RoleSettings roles, int uid, params int[] groups) =>
        $"{roles.Of(uid, groups, DaemonUser, name => s_groups.TryGetValue(name, out var id) ? id : null)}";

    private static int[] Own(string line) =>
    [
        .. File.ReadLines("/proc/self/status").Single(found => found.StartsWith(line, StringComparison.Ordinal))[line.Length..]
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture)),
    ];
}
