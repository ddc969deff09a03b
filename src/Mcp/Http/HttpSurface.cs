using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coxswain.Mcp.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.AspNetCore;

namespace Coxswain.Mcp.Http;

/// <summary>Serves MCP over Streamable HTTP, at /mcp.</summary>
internal static class HttpSurface
{
    /// <summary>Where the protocol is.</summary>
    public const string Path = "/mcp";

    private const int MaxHeaderBytes = 16 * 1024;
    private const int MaxHeaders = 64;
    private static readonly TimeSpan s_headersLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_idleSessionLimit = TimeSpan.FromMinutes(30);
    private static readonly MinDataRate s_slowest = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>Adds the web server.</summary>
    /// <exception cref="SettingsException">The certificate cannot be used.</exception>
    public static void AddHttp(this WebApplicationBuilder builder, IMcpServerBuilder server, HttpSettings settings)
    {
        var certificate = settings.CertificateFile.Length > 0 ? ReadCertificate(settings) : null;
        builder.WebHost.UseKestrelCore();
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = MaxHeaders;
            kestrel.Limits.RequestHeadersTimeout = s_headersLimit;
            kestrel.Limits.MinRequestBodyDataRate = s_slowest;
            kestrel.Limits.MinResponseDataRate = s_slowest;
            kestrel.Limits.MaxConcurrentConnections = settings.MaxConnections;
            kestrel.Listen(settings.Listen!, listen =>
            {
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        builder.Services.AddRouting();
        builder.Services.AddSingleton(provider => new HttpGate(
            settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HttpGate>>()));
        // Clients of earlier protocols have a session, which they need for subscriptions and questions; newer ones need none.
        server.WithHttpTransport(http =>
        {
            http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
#pragma warning disable MCP9006 // Obsolete as sessions are, for new protocols; these are for the older ones.
            http.IdleTimeout = s_idleSessionLimit;
            http.MaxIdleSessionCount = settings.MaxIdleSessions;
#pragma warning restore MCP9006
        });
    }

    /// <summary>Puts the gate before the protocol.</summary>
    /// <exception cref="SettingsException">The tokens or keys cannot be used.</exception>
    public static void UseHttp(this WebApplication application)
    {
        var gate = application.Services.GetRequiredService<HttpGate>();
        application.Use((context, next) => gate.PassAsync(context, () => next(context)));
        application.Use((context, next) => NewerVersions.PassAsync(context, () => next(context)));
        application.MapMcp(Path);
    }

    private static X509Certificate2 ReadCertificate(HttpSettings settings)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(settings.CertificateFile, settings.CertificateKeyFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingsException($"{settings.CertificateFile}, {settings.CertificateKeyFile}: {exception.Message}");
        }
    }

    /// <summary>Reads address and port, e.g. 127.0.0.1:7400 or [::1]:7400.</summary>
    /// <returns>Null when it is none.</returns>
    public static IPEndPoint? ParseListen(string text) =>
        IPEndPoint.TryParse(text.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out var listen) && text.Contains(':', StringComparison.Ordinal) ? listen : null;
}
