using System.Buffers.Binary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coxswain.Core.Tests.Workloads.Pods;

/// <summary>A container runtime on a Unix socket that answers what a test says.</summary>
internal sealed class FakeRuntime : IAsyncDisposable
{
    private WebApplication? _application;

    public string SocketPath { get; } = Path.Combine(Path.GetTempPath(), $"cox-{Path.GetRandomFileName()}.sock");

    /// <summary>Answers a call; the first argument is the method.</summary>
    public Func<string, HttpContext, Task> Answer { get; set; } = (_, context) => SendAsync(context, []);

    public static async Task<FakeRuntime> StartAsync(Func<string, HttpContext, Task> answer)
    {
        var runtime = new FakeRuntime { Answer = answer };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(runtime.SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        runtime._application = builder.Build();
        runtime._application.Run(context => runtime.Answer(Path.GetFileName(context.Request.Path.Value!), context));
        await runtime._application.StartAsync();
        return runtime;
    }

    /// <summary>Sends one message, as a gRPC server does.</summary>
    public static async Task SendAsync(HttpContext context, byte[] message, string status = "0", string text = "")
    {
        context.Response.ContentType = "application/grpc";
        var prefix = new byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(prefix.AsSpan(1), (uint)message.Length);
        if (status == "0")
        {
            await context.Response.Body.WriteAsync(prefix);
            await context.Response.Body.WriteAsync(message);
        }

        context.Response.AppendTrailer("grpc-status", status);
        if (text.Length > 0)
        {
            context.Response.AppendTrailer("grpc-message", text);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application!.StopAsync(new CancellationToken(canceled: true));
        await _application.DisposeAsync();
        File.Delete(SocketPath);
    }
}
