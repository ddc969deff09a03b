using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>Two requests of the Kubernetes API: list the pods of a node, and watch them. Nothing else is ever asked for.</summary>
/// <remarks>A client library for the whole API would be larger than everything else here, and slower to build than all of it.</remarks>
internal sealed class KubernetesApi : IDisposable
{
    // A page of 500 pods with all they have is about 10 MB.
    private const int PageSize = 500;
    private const int MaxPage = 64 * 1024 * 1024;
    private const int MaxPods = 10_000;
    private const int MaxEvent = 8 * 1024 * 1024;

    private readonly KubernetesAccess _access;
    private readonly KubernetesTimes _times;
    private readonly HttpClient _http;
    private readonly string _selector;

    public KubernetesApi(KubernetesAccess access, KubernetesTimes times)
    {
        (_access, _times) = (access, times);
        _selector = Uri.EscapeDataString($"spec.nodeName={access.Node}");
        _http = new HttpClient(Handler(access)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxPage };
    }

    /// <summary>Lists all pods of the node.</summary>
    /// <returns>The pods as the API has them, and the version to watch from.</returns>
    /// <exception cref="KubernetesException">There is no usable answer.</exception>
    public async Task<(List<JsonElement> Pods, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_times.List);
        var pods = new List<JsonElement>();
        var next = "";
        try
        {
            while (true)
            {
                var page = await PageAsync(next, limit.Token).ConfigureAwait(false);
                if (page.ValueKind != JsonValueKind.Object || !page.TryGetProperty("items", out var items))
                {
                    throw new KubernetesException("answered with something that is no list of pods");
                }

                pods.AddRange(items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : []);
                next = PodObject.TryObject(page, "metadata", out var metadata) && metadata.TryGetProperty("continue", out var more) ? more.ToString() : "";
                if (pods.Count > MaxPods)
                {
                    throw new KubernetesException($"names more than {MaxPods} pods for this node");
                }

                if (next.Length == 0)
                {
                    return (pods, PodObject.Version(page));
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesException(string.Create(CultureInfo.InvariantCulture, $"did not answer within {_times.List.TotalSeconds:0.#} s"));
        }
        catch (JsonException)
        {
            throw new KubernetesException("answered with something that is no JSON");
        }
    }

    /// <summary>Watches the pods of the node until the server ends it.</summary>
    /// <param name="version">From where on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KubernetesException">It broke off, or was refused.</exception>
    public async IAsyncEnumerable<JsonElement> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(_times.Silence);
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"&watch=true&allowWatchBookmarks=true&timeoutSeconds={Math.Max(1, (int)_times.Watch.TotalSeconds)}&resourceVersion={Uri.EscapeDataString(version)}");
        using var response = await SendAsync(query, cancellationToken, silence.Token).ConfigureAwait(false);
        using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var lines = new LineReader(stream, MaxEvent);
        while (await NextAsync(lines, cancellationToken, silence.Token).ConfigureAwait(false) is { } line)
        {
            silence.CancelAfter(_times.Silence);
            if (line.Length > 0)
            {
                yield return Parse(line);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static JsonElement Parse(byte[] line)
    {
        try
        {
            return JsonElement.Parse(line);
        }
        catch (JsonException)
        {
            throw new KubernetesException("sent an event that is no JSON");
        }
    }

    private async Task<byte[]?> NextAsync(LineReader lines, CancellationToken ends, CancellationToken silence)
    {
        try
        {
            return await lines.ReadAsync(silence).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            throw Silent();
        }
        catch (InvalidDataException)
        {
            throw new KubernetesException($"sent an event larger than {MaxEvent / (1024 * 1024)} MB");
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new KubernetesException($"broke off: {CommandText.Clean(exception.Message, 200).TrimEnd('.')}");
        }
    }

    private KubernetesException Silent() =>
        new(string.Create(CultureInfo.InvariantCulture, $"was silent for {_times.Silence.TotalSeconds:0.#} s"));

    private async Task<HttpResponseMessage> SendAsync(string query, CancellationToken ends, CancellationToken silence)
    {
        try
        {
            return await SendAsync(query, silence).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested)
        {
            throw Silent();
        }
    }

    private async Task<JsonElement> PageAsync(string next, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"&limit={PageSize}") + (next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "");
        using var response = await SendAsync(query, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxPage, cancellationToken).ConfigureAwait(false);
            return JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new KubernetesException($"broke off: {CommandText.Clean(exception.Message, 200).TrimEnd('.')}");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_access.Server, $"api/v1/pods?fieldSelector={_selector}{query}"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            if (_access.ReadToken?.Invoke() is { Length: > 0 } token)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            response.Dispose();
            throw Refused(response.StatusCode);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HttpRequestException or FormatException)
        {
            throw new KubernetesException($"cannot be asked: {CommandText.Clean((exception.InnerException ?? exception).Message, 200).TrimEnd('.')}");
        }
    }

    private static KubernetesException Refused(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Gone => new KubernetesException("has forgotten the version that was watched", isGone: true),
        HttpStatusCode.Unauthorized => new KubernetesException("does not accept the token or certificate (HTTP status 401)"),
        HttpStatusCode.Forbidden => new KubernetesException("does not allow to list and watch pods (HTTP status 403); deploy/kubernetes/rbac.yaml has the role"),
        _ => new KubernetesException($"answered with HTTP status {(int)status}"),
    };

    private static SocketsHttpHandler Handler(KubernetesAccess access)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false, // the token must not go anywhere else
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (access.ClientCertificate is { } own)
        {
            handler.SslOptions.ClientCertificates = [own];
        }

        if (access.Authorities is { } authorities)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (access.SkipsVerification)
        {
#pragma warning disable CA5359 // insecure-skip-tls-verify of the kubeconfig says so
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handler;
    }
}
