using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coxswain.Mcp.Tests.Daemon;
using ModelContextProtocol.Client;
using Xunit;

namespace Coxswain.Mcp.Tests.Http;

/// <summary>Who gets through to the daemon over HTTP, and who does not.</summary>
public sealed class HttpSecurityTests
{
    private const string Look = "look_0123456789abcdef012345";
    private const string Act = "act__0123456789abcdef012345";
    private const string Old = "old__0123456789abcdef012345";
    private const string Tokens = $"# tokens of this test\nviewer observe never {Look}\nci control 2099-01-01T00:00:00Z {Act}\nformer admin 2020-01-01T00:00:00Z {Old}\n";
    private const string WithTokens = "[http]\ntokens_file = \"DIR/tokens\"\n";
    private const string Status = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_status","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task A_client_with_a_token_uses_what_its_role_allows(string protocol)
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, WithTokens, ("tokens", Tokens));
        await using var client = await ClientAsync(daemon, Act, protocol);
        var tools = await client.ListToolsAsync(cancellationToken: Cancelled);
        Assert.Contains(tools, tool => tool.Name == "prioritize_pods");
        Assert.DoesNotContain(tools, tool => tool.Name == "stop_scheduler");
        var applied = await client.CallToolAsync("prioritize_pods", new Dictionary<string, object?> { ["class"] = "high", ["namespace"] = "web" }, cancellationToken: Cancelled);
        Assert.False(applied.IsError is true);
        var changes = await client.CallToolAsync("list_changes", cancellationToken: Cancelled);
        Assert.Contains("(token ci)", changes.StructuredContent!.Value.GetRawText(), StringComparison.Ordinal);
        var refused = await client.CallToolAsync("stop_scheduler", cancellationToken: Cancelled);
        Assert.True(refused.IsError);
        Assert.Contains(
            "stop_scheduler: it is for the role admin, and token ci has the role control.",
            ((ModelContextProtocol.Protocol.TextContentBlock)refused.Content[0]).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "a bearer token is needed")]
    [InlineData("Bearer wrong", "the token is not valid")]
    [InlineData("Bearer " + Old, "the token has expired")]
    [InlineData("Basic cm9vdDpyb290", "only bearer tokens are accepted")]
    [InlineData("Bearer " + Look + "x", "the token is not valid")]
    public async Task Without_a_valid_token_nobody_gets_through(string authorization, string why)
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, WithTokens, ("tokens", Tokens));
        var (status, text, headers) = await PostAsync(daemon, authorization);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains(why, text, StringComparison.Ordinal);
        Assert.StartsWith("Bearer realm=\"coxswain\"", headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_taken_out_of_the_file_is_refused_soon()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, WithTokens, ("tokens", Tokens));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(daemon, $"Bearer {Look}")).Status);
        await File.WriteAllTextAsync(daemon.File("tokens"), $"ci control never {Act}\n", Cancelled);
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(daemon, $"Bearer {Look}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(daemon, $"Bearer {Act}")).Status);
        // Readable for others: nobody is let in until that is put right.
        File.SetUnixFileMode(daemon.File("tokens"), (UnixFileMode)0b110_100_100);
        File.SetLastWriteTimeUtc(daemon.File("tokens"), DateTime.UtcNow.AddSeconds(5));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(daemon, $"Bearer {Act}")).Status);
        await daemon.LoggedAsync("chmod 600");
    }

    [Fact]
    public async Task A_file_that_only_its_owner_may_read_and_nobody_write_is_taken_as_systemd_passes_credentials()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, WithTokens, ("tokens", Tokens));
        await File.WriteAllTextAsync(daemon.File("tokens"), $"ci control never {Act}\n", Cancelled);
        File.SetUnixFileMode(daemon.File("tokens"), UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(daemon.File("tokens"), DateTime.UtcNow.AddSeconds(5));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(daemon, $"Bearer {Look}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(daemon, $"Bearer {Act}")).Status);
    }

    [Fact]
    public async Task Whoever_does_not_say_who_he_is_may_only_look()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true);
        await using var client = await ClientAsync(daemon, "", "2026-07-28");
        Assert.All(await client.ListToolsAsync(cancellationToken: Cancelled), tool => Assert.True(tool.ProtocolTool.Annotations!.ReadOnlyHint));
        var refused = await client.CallToolAsync("prioritize_pods", new Dictionary<string, object?> { ["class"] = "high", ["namespace"] = "web" }, cancellationToken: Cancelled);
        Assert.True(refused.IsError);
        Assert.Contains("anonymous has the role observe", ((ModelContextProtocol.Protocol.TextContentBlock)refused.Content[0]).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", "", 403)]
    [InlineData("127.0.0.1.evil.example", "", 403)]
    [InlineData("10.1.2.3", "", 403)]
    [InlineData("localhost", "https://evil.example", 403)]
    [InlineData("localhost", "null", 403)]
    [InlineData("localhost", "http://localhost.evil.example:7400", 403)]
    [InlineData("localhost", "http://localhost:3000", 200)]
    [InlineData("console.example", "", 200)]
    [InlineData("[::1]", "https://console.example", 200)]
    public async Task Only_known_names_and_pages_get_through(string host, string origin, int status)
    {
        await using var daemon = await DaemonProcess.StartAsync(
            http: true, "[http]\nallowed_hosts = [\"console.example\"]\nallowed_origins = [\"https://console.example\"]\n");
        Assert.Equal(status, (int)(await PostAsync(daemon, "", host, origin)).Status);
    }

    [Theory]
    [InlineData("RS256", 3600, 0, "coxswain", "control", "")]
    [InlineData("ES256", 3600, 0, "coxswain", "observe", "")]
    [InlineData("RS256", -3600, 0, "coxswain", "control", "expired")]
    [InlineData("RS256", 3600, 1800, "coxswain", "control", "not valid yet")]
    [InlineData("RS256", 3600, 0, "another", "control", "another audience")]
    [InlineData("RS256", 3600, 0, "coxswain", "root", "must be one of observe, control, admin")]
    [InlineData("none", 3600, 0, "coxswain", "admin", "not valid")]
    [InlineData("HS256", 3600, 0, "coxswain", "admin", "not valid")]
    [InlineData("wrong key", 3600, 0, "coxswain", "admin", "not valid")]
    public async Task A_JWT_counts_if_a_known_key_signed_it_and_all_its_claims_hold(string algorithm, int expires, int notBefore, string audience, string role, string why)
    {
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keys = $"{rsa.ExportSubjectPublicKeyInfoPem()}\n{ecdsa.ExportSubjectPublicKeyInfoPem()}\n";
        await using var daemon = await DaemonProcess.StartAsync(http: true, "[http]\njwt_keys_file = \"DIR/keys.pem\"\n", ("keys.pem", keys));
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var name = algorithm == "wrong key" ? "RS256" : algorithm;
        var signed = $"{Encode(Encoding.UTF8.GetBytes($$"""{"alg":"{{name}}","typ":"JWT"}"""))}." + Encode(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"sub":"ops@example","aud":"{{audience}}","role":"{{role}}","nbf":{{now + notBefore}},"exp":{{now + expires}}}""")));
        var bytes = Encoding.UTF8.GetBytes(signed);
        using var other = RSA.Create(2048);
        var signature = algorithm switch
        {
            "RS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "wrong key" => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "ES256" => ecdsa.SignData(bytes, HashAlgorithmName.SHA256),
            "HS256" => HMACSHA256.HashData(Encoding.UTF8.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), bytes),
            _ => [],
        };
        var (status, text, _) = await PostAsync(daemon, $"Bearer {signed}.{Encode(signature)}");
        if (why.Length == 0)
        {
            Assert.Equal(HttpStatusCode.OK, status);
        }
        else
        {
            Assert.Equal(HttpStatusCode.Unauthorized, status);
            Assert.Contains(why, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_unfit_is_refused_at_the_start()
    {
        Assert.Contains("set http.tokens_file", (await DaemonProcess.RefusalAsync(config: "[http]\nlisten = \"0.0.0.0:7400\"\n")).Errors, StringComparison.Ordinal);
        Assert.Contains(
            "anonymous_role must be none",
            (await DaemonProcess.RefusalAsync(config: "[http]\nlisten = \"0.0.0.0:7400\"\nanonymous_role = \"observe\"\ntokens_file = \"DIR/tokens\"\n", files: ("tokens", Tokens))).Errors,
            StringComparison.Ordinal);
        Assert.Contains(
            "the role must be one of",
            (await DaemonProcess.RefusalAsync(http: true, config: WithTokens, files: ("tokens", $"ci root never {Act}\n"))).Errors, StringComparison.Ordinal);
        Assert.Contains("no PEM public key", (await DaemonProcess.RefusalAsync(http: true, config: "[http]\njwt_keys_file = \"DIR/keys\"\n", files: ("keys", "nothing"))).Errors, StringComparison.Ordinal);
        var (code, errors) = await DaemonProcess.RefusalAsync(http: true, config: "[http]\ntokens_file = \"/etc/passwd\"\n");
        Assert.Contains("chmod 600 /etc/passwd", errors, StringComparison.Ordinal);
        Assert.Equal(2, code);
    }

    [Fact]
    public async Task What_is_too_much_is_refused()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true, "[http]\nmax_body_bytes = 5000\nmax_requests_per_second = 5\n");
        var (large, _, _) = await PostAsync(daemon, "", body: Status + new string(' ', 6000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large);
        using var many = new HttpClient();
        using var request = Request(daemon, "", "localhost", "", Status);
        for (var i = 0; i < 80; i++)
        {
            request.Headers.Add($"X-{i}", new string('x', 300));
        }

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await many.SendAsync(request, Cancelled)).StatusCode);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            statuses.Add((await PostAsync(daemon, "")).Status);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Contains(HttpStatusCode.OK, statuses);
    }

    [Fact]
    public async Task A_request_that_comes_too_slowly_is_ended()
    {
        await using var daemon = await DaemonProcess.StartAsync(http: true);
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, daemon.Port, Cancelled);
        await slow.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: 1000\r\n\r\n{"), Cancelled);
        var started = Stopwatch.GetTimestamp();
        var buffer = new byte[1000];
        var read = await slow.GetStream().ReadAsync(buffer, Cancelled);
        Assert.True(read == 0 || Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 408", StringComparison.Ordinal));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task With_a_certificate_it_speaks_TLS()
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var wanted = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        wanted.CertificateExtensions.Add(names.Build());
        using var certificate = wanted.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var daemon = await DaemonProcess.StartAsync(
            http: true, "[http]\ncertificate_file = \"DIR/cert.pem\"\ncertificate_key_file = \"DIR/key.pem\"\n",
            ("cert.pem", certificate.ExportCertificatePem()), ("key.pem", key.ExportPkcs8PrivateKeyPem()));
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, theirs, _, _) => theirs?.Thumbprint == certificate.Thumbprint };
        using var client = new HttpClient(handler);
        using var request = Request(daemon, "", "localhost", "", Status);
        request.RequestUri = new UriBuilder(daemon.Url) { Scheme = "https" }.Uri;
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(request, Cancelled)).StatusCode);
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static Task<McpClient> ClientAsync(DaemonProcess daemon, string token, string protocol) => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = daemon.Url,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = token.Length > 0 ? new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" } : null,
        }),
        new McpClientOptions { ProtocolVersion = protocol },
        cancellationToken: Cancelled);

    private static async Task<(HttpStatusCode Status, string Text, HttpResponseHeaders Headers)> PostAsync(
        DaemonProcess daemon, string authorization, string host = "localhost", string origin = "", string body = Status)
    {
        using var client = new HttpClient();
        using var request = Request(daemon, authorization, host, origin, body);
        using var response = await client.SendAsync(request, Cancelled);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled), response.Headers);
    }

    private static HttpRequestMessage Request(DaemonProcess daemon, string authorization, string host, string origin, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, daemon.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Host = host;
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "get_status");
        if (authorization.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        if (origin.Length > 0)
        {
            request.Headers.Add("Origin", origin);
        }

        return request;
    }
}
