using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Coxswain.Core.Workloads.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coxswain.Core.Tests.Workloads.Kubernetes;

/// <summary>A Kubernetes API on loopback that answers what a test says.</summary>
internal sealed class FakeApi : IAsyncDisposable
{
    private WebApplication? _application;

    /// <summary>Answers a list.</summary>
    public Func<HttpContext, Task> List { get; set; } = context => SendAsync(context, ListOf("1"));

    /// <summary>Answers a watch; the default one says nothing until the client leaves.</summary>
    public Func<HttpContext, Task> Watch { get; set; } = SilentAsync;

    /// <summary>Each request, method and all.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public int Lists => Requests.Count(request => !request.Contains("watch=true", StringComparison.Ordinal));

    public KubernetesAccess Access { get; private set; } = null!;

    public static async Task<FakeApi> StartAsync()
    {
        var api = new FakeApi();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        api._application = builder.Build();
        api._application.Run(context =>
        {
            api.Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}");
            return context.Request.Query.ContainsKey("watch") ? api.Watch(context) : api.List(context);
        });
        await api._application.StartAsync();
        api.Access = new KubernetesAccess { Server = new Uri(api._application.Urls.First() + "/"), Node = "worker-1", ReadToken = () => "secret" };
        return api;
    }

    public static string ListOf(string version, params string[] pods) =>
        $"{{\"kind\":\"PodList\",\"metadata\":{{\"resourceVersion\":\"{version}\"}},\"items\":[{string.Join(',', pods)}]}}";

    public static string Pod(string uid, string name, string labels = "\"app\":\"web\"", string phase = "Running", string annotations = "", string version = "5") => $$$"""
        {"metadata":{"uid":"{{{uid}}}","name":"{{{name}}}","namespace":"shop","resourceVersion":"{{{version}}}","labels":{ {{{labels}}} },"annotations":{ {{{annotations}}} }},"status":{"phase":"{{{phase}}}","containerStatuses":[{"containerID":"containerd://c-{{{uid}}}"}]}}
        """;

    public static string Event(string type, string thing) => $"{{\"type\":\"{type}\",\"object\":{thing.ReplaceLineEndings("")}}}\n";

    public static async Task SendAsync(HttpContext context, string text, int status = 200)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
        }

        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static async Task SilentAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    /// <summary>Sends these events, and then is silent.</summary>
    public static async Task SendThenHoldAsync(HttpContext context, params string[] events)
    {
        foreach (var text in events)
        {
            await SendAsync(context, text);
        }

        await SilentAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _application!.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
    }
}
