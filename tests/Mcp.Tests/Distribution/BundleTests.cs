using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Http;
using Coxswain.Mcp.Tests.Daemon;
using ModelContextProtocol.Client;
using Xunit;

namespace Coxswain.Mcp.Tests.Distribution;

/// <summary>What is given to desktop clients and to the registry: it starts by what it says of itself, and says what the product says.</summary>
public sealed partial class BundleTests : IDisposable
{
    private static readonly string s_version = typeof(McpHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
    private readonly string _directory = Directory.CreateTempSubdirectory("coxswain-bundle-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_bundle_starts_by_its_manifest_and_is_the_server_of_that_version()
    {
        var unpacked = await BundleAsync();
        var manifest = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(unpacked, "manifest.json"), Cancelled));
        var server = manifest.GetProperty("server");
        Assert.True(File.Exists(Path.Combine(unpacked, Text(server, "entry_point"))));
        await using var daemon = await DaemonProcess.StartAsync();

        // As a client does: what the user has filled in, here the socket of a daemon with a made-up machine, and where it was unpacked to.
        string Filled(string text) => text.Replace("${__dirname}", unpacked, StringComparison.Ordinal).Replace("${user_config.socket}", daemon.SocketPath, StringComparison.Ordinal);
        var start = server.GetProperty("mcp_config");
        await using var client = await McpClient.CreateAsync(
            new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = Filled(Text(start, "command")),
                Arguments = [.. start.GetProperty("args").EnumerateArray().Select(argument => Filled(argument.GetString()!))],
            }),
            cancellationToken: Cancelled);

        Assert.Equal((Text(manifest, "name"), Text(manifest, "display_name"), Text(manifest, "version")), (client.ServerInfo!.Name, client.ServerInfo.Title!, client.ServerInfo.Version));
        Assert.Equal(21, (await client.ListToolsAsync(cancellationToken: Cancelled)).Count);
        Assert.True((await client.CallToolAsync("get_status", cancellationToken: Cancelled)).StructuredContent!.Value.GetProperty("simulated").GetBoolean());
    }

    [Fact]
    public async Task The_manifest_has_what_its_format_asks_for_and_nothing_else()
    {
        var manifest = await ReadAsync("deploy/mcpb/manifest.json");
        Assert.Equal(("0.3", s_version), (Text(manifest, "manifest_version"), Text(manifest, "version")));
        AssertMembers(
            manifest, required: ["manifest_version", "name", "version", "description", "author", "server"],
            allowed: ["display_name", "long_description", "license", "user_config", "tools_generated", "prompts_generated", "compatibility"]);
        AssertMembers(manifest.GetProperty("author"), required: ["name"], allowed: ["email", "url"]);
        AssertMembers(manifest.GetProperty("server"), required: ["type", "entry_point", "mcp_config"], allowed: []);
        AssertMembers(manifest.GetProperty("server").GetProperty("mcp_config"), required: ["command", "args"], allowed: ["env"]);
        Assert.Equal("binary", Text(manifest.GetProperty("server"), "type"));
        Assert.Equal(["linux"], manifest.GetProperty("compatibility").GetProperty("platforms").EnumerateArray().Select(platform => platform.GetString()));
        var settings = manifest.GetProperty("user_config");
        Assert.All(settings.EnumerateObject(), setting => AssertMembers(setting.Value, required: ["type", "title", "description"], allowed: ["default", "required", "sensitive"]));
        // Each setting is used, and each that is used is there.
        Assert.Equal(settings.EnumerateObject().Select(setting => setting.Name).Order(), Used().Matches(manifest.GetRawText()).Select(match => match.Groups[1].Value).Distinct().Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_entry_of_the_registry_has_what_its_schema_asks_for_and_nothing_else(bool withBundle)
    {
        var bundle = withBundle ? await BundleAsync() : "";
        var entry = await ReadAsync(withBundle ? Path.Combine(_directory, "server.json") : "deploy/server.json");
        Assert.Equal(("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json", s_version), (Text(entry, "$schema"), Text(entry, "version")));
        AssertMembers(entry, required: ["$schema", "name", "description", "version"], allowed: ["title", "remotes", "packages"]);
        Assert.Matches("^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", Text(entry, "name"));
        Assert.InRange(Text(entry, "name").Length, 3, 200);
        Assert.InRange(Text(entry, "description").Length, 1, 100);
        Assert.InRange(Text(entry, "title").Length, 1, 100);
        foreach (var remote in entry.GetProperty("remotes").EnumerateArray())
        {
            AssertMembers(remote, required: ["type", "url"], allowed: ["headers", "variables"]);
            Assert.Equal("streamable-http", Text(remote, "type"));
            Assert.EndsWith(HttpSurface.Path, Text(remote, "url"), StringComparison.Ordinal);
            Assert.Equal(remote.GetProperty("variables").EnumerateObject().Select(variable => variable.Name), Variable().Matches(Text(remote, "url")).Select(match => match.Groups[1].Value));
            Assert.All(remote.GetProperty("variables").EnumerateObject(), variable => AssertMembers(variable.Value, required: ["description"], allowed: ["default", "isRequired", "isSecret", "format"]));
            Assert.All(remote.GetProperty("headers").EnumerateArray(), header => AssertMembers(header, required: ["name"], allowed: ["description", "isRequired", "isSecret", "value"]));
        }

        Assert.Equal(withBundle, entry.TryGetProperty("packages", out var packages));
        if (withBundle)
        {
            var package = Assert.Single(packages.EnumerateArray());
            AssertMembers(package, required: ["registryType", "identifier", "fileSha256", "transport"], allowed: []);
            Assert.Equal(("mcpb", "https://example.org/coxswain.mcpb", "stdio"), (Text(package, "registryType"), Text(package, "identifier"), Text(package.GetProperty("transport"), "type")));
            var digest = System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(_directory, "coxswain.mcpb"), Cancelled));
            Assert.Equal(Convert.ToHexStringLower(digest), Text(package, "fileSha256"));
            Assert.True(Directory.Exists(bundle));
        }
    }

    /// <summary>Makes the bundle of the program that is tested, and unpacks it.</summary>
    private async Task<string> BundleAsync()
    {
        var binary = Environment.GetEnvironmentVariable("COXSWAIN_BINARY") is { Length: > 0 } named ? named : Path.Combine(Repository.Root, "artifacts/bin/coxswain");
        Assert.True(File.Exists(binary), $"{binary} is not there: run `make build`");
        var bundle = Path.Combine(_directory, "coxswain.mcpb");
        var script = Path.Combine(Repository.Root, "build/bundle.sh");
        using var making = Process.Start(new ProcessStartInfo(script, ["--binary", binary, "--output", bundle, "--url", "https://example.org/coxswain.mcpb"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = making.StandardError.ReadToEndAsync(Cancelled);
        await making.StandardOutput.ReadToEndAsync(Cancelled);
        await making.WaitForExitAsync(Cancelled);
        Assert.True(making.ExitCode == 0, await errors);
        var unpacked = Path.Combine(_directory, "unpacked");
        await ZipFile.ExtractToDirectoryAsync(bundle, unpacked, Cancelled);
        return unpacked;
    }

    private static async Task<JsonElement> ReadAsync(string path) => JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, path), Cancelled));

    private static void AssertMembers(JsonElement element, string[] required, string[] allowed)
    {
        var names = element.EnumerateObject().Select(member => member.Name).ToList();
        Assert.Empty(required.Except(names));
        Assert.Empty(names.Except(required).Except(allowed));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    [GeneratedRegex(@"\$\{user_config\.(\w+)\}")]
    private static partial Regex Used();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Variable();
}
