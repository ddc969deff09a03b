using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Coxswain.Mcp.Tests.Daemon;
using Xunit;

namespace Coxswain.Mcp.Tests.Metrics;

/// <summary>What machines read from the daemon.</summary>
public sealed partial class MetricsSurfaceTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_tell_of_scheduler_node_and_pods_and_only_grow()
    {
        var port = DaemonProcess.FreePort();
        await using var daemon = await DaemonProcess.StartAsync(config: Listen(port));
        using var http = new HttpClient();
        var before = await UntilPodsAsync(http, port);
        Assert.Contains("coxswain_scheduler_attached 1\n", before, StringComparison.Ordinal);
        await Task.Delay(2200, Cancelled);
        var after = await ReadAsync(http, port);
        foreach (var series in (string[])[
            "coxswain_pod_cpu_seconds_total{namespace=\"batch\",pod=\"train-0\"}", "coxswain_pod_runs_total{namespace=\"free5gc\",pod=\"upf-0\"}",
            "coxswain_pod_wait_seconds_count{namespace=\"free5gc\",pod=\"upf-0\"}", "coxswain_node_wakeups_total", "coxswain_scheduler_parked_total"])
        {
            Assert.True(Value(after, series) > Value(before, series), series);
        }
    }

    [Fact]
    public async Task Nothing_else_is_served_there_and_only_to_callers_of_this_machine()
    {
        var port = DaemonProcess.FreePort();
        await using var daemon = await DaemonProcess.StartAsync(http: true, Listen(port));
        using var http = new HttpClient();
        await UntilPodsAsync(http, port);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"http://127.0.0.1:{port}/mcp"), Cancelled)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri($"http://127.0.0.1:{daemon.Port}/metrics"), Cancelled)).StatusCode);
        using var body = new StringContent("x");
        Assert.False((await http.PostAsync(new Uri($"http://127.0.0.1:{port}/metrics"), body, Cancelled)).IsSuccessStatusCode);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/metrics") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(rebound, Cancelled)).StatusCode);
    }

    [Theory]
    [InlineData("listen = \"0.0.0.0:7401\"", "metrics.listen 0.0.0.0:7401 can be reached from other machines, and metrics name pods: set metrics.allow_remote = true, or listen on 127.0.0.1")]
    [InlineData("listen = \"7401\"", "line 2: metrics.listen must be an address and a port, e.g. \"127.0.0.1:7401\"")]
    [InlineData("otlp_endpoint = \"collector\"", "line 2: metrics.otlp_endpoint must be an address, e.g. \"http://127.0.0.1:4317\"")]
    [InlineData("otlp_protocol = \"json\"", "line 2: metrics.otlp_protocol must be one of grpc, http/protobuf")]
    public async Task Settings_that_cannot_be_meant_are_refused(string setting, string why)
    {
        var (code, errors) = await DaemonProcess.RefusalAsync(config: $"[metrics]\n{setting}\n");
        Assert.Equal(2, code);
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_dashboard_rules_and_scaling_ask_for_is_there()
    {
        var port = DaemonProcess.FreePort();
        await using var daemon = await DaemonProcess.StartAsync(config: Listen(port));
        using var http = new HttpClient();
        await UntilPodsAsync(http, port);
        await using var rig = await ToolRig.StartAsync();
        // Also those that only a real kernel has values for.
        var known = rig.Service<Coxswain.Mcp.Metrics.MetricsCollector>().Collect().Select(family => family.Definition.Name)
            .Concat(Names().Matches(await ReadAsync(http, port)).Select(match => match.Value)).ToHashSet();
        var asked = 0;
        foreach (var file in (string[])["grafana/coxswain.json", "keda/scaledobject.yaml", "coxswain.rules.yml"])
        {
            foreach (var name in Names().Matches(await File.ReadAllTextAsync(Path.Combine(Deploy(), file), Cancelled)).Select(match => match.Value))
            {
                asked++;
                Assert.True(known.Contains(name) || known.Contains(Suffix().Replace(name, "")), $"{file} asks for {name}");
            }
        }

        Assert.True(asked > 25);
    }

    [Fact]
    public async Task Metrics_are_sent_to_a_collector_that_is_configured()
    {
        var port = DaemonProcess.FreePort();
        using var collector = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        collector.Start();
        await using var daemon = await DaemonProcess.StartAsync(
            config: $"[metrics]\notlp_endpoint = \"http://127.0.0.1:{port}\"\notlp_protocol = \"http/protobuf\"\notlp_interval_seconds = 1\n");
        await using (var client = await daemon.ClientAsync())
        {
            await client.CallToolAsync("get_status", cancellationToken: Cancelled);
        }

        var told = new Dictionary<string, string>();
        while (told.Count < 2 || !told["/v1/metrics"].Contains("coxswain.pod.cpu_time", StringComparison.Ordinal))
        {
            var request = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
            using var reader = new StreamReader(request.Request.InputStream, Encoding.Latin1);
            told[request.Request.Url!.AbsolutePath] = await reader.ReadToEndAsync(Cancelled);
            request.Response.Close();
        }

        Assert.Contains("coxswain.scheduler.idle_local", told["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("service.name", told["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("get_status", told["/v1/traces"], StringComparison.Ordinal);
    }

    private static string Listen(int port) => string.Create(CultureInfo.InvariantCulture, $"[metrics]\nlisten = \"127.0.0.1:{port}\"\n");

    private static string Deploy()
    {
        var directory = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(directory, "deploy")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        return Path.Combine(directory, "deploy");
    }

    // A second or two have to be observed first.
    private static async Task<string> UntilPodsAsync(HttpClient http, int port)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                var text = await ReadAsync(http, port);
                if (text.Contains("coxswain_pod_cpu_seconds_total{", StringComparison.Ordinal))
                {
                    return text;
                }
            }
            catch (HttpRequestException exception) when (exception.InnerException is SocketException)
            {
                // It has not opened the port yet.
            }

            Assert.True(i < 200, "no pods");
            await Task.Delay(200, Cancelled);
        }
    }

    private static Task<string> ReadAsync(HttpClient http, int port) => http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Cancelled);

    private static double Value(string text, string series) =>
        double.Parse(text.Split('\n').Single(line => line.StartsWith($"{series} ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);

    [GeneratedRegex("coxswain_[a-z][a-z0-9_]+")]
    private static partial Regex Names();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
