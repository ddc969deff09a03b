using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Coxswain.Core.Workloads.Cri;

/// <summary>Unary gRPC calls over a Unix socket: HTTP/2 without TLS, one message each way. Thread-safe.</summary>
/// <remarks>All that two calls need, without a client library that would be larger than the rest of the core.</remarks>
internal sealed class GrpcSocket : IDisposable
{
    private const int PrefixLength = 5; // compressed flag, length in network order
    private readonly HttpClient _http;
    private readonly int _maxAnswer;

    /// <param name="path">The socket.</param>
    /// <param name="maxAnswer">Longest answer taken, bytes.</param>
    public GrpcSocket(string path, int maxAnswer)
    {
        _maxAnswer = maxAnswer;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false, // a proxy of the environment is none of a local socket's business
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Makes one call.</summary>
    /// <param name="method">package.Service/Method.</param>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="HttpRequestException">The other side cannot be reached, or refuses.</exception>
    /// <exception cref="IOException">It broke off.</exception>
    /// <exception cref="InvalidDataException">What came is no such answer, or too long.</exception>
    public async Task<byte[]> CallAsync(string method, byte[] message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://localhost/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(message)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"it answered with HTTP status {(int)response.StatusCode}");
        }

        var body = await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
        // An error without a message comes in the headers, all others behind the body.
        Check(response.Headers);
        Check(response.TrailingHeaders);
        if (body.Length < PrefixLength || body[0] != 0 ||
            BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) != (uint)(body.Length - PrefixLength))
        {
            throw new InvalidDataException("the answer is not one message");
        }

        return body[PrefixLength..];
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[PrefixLength + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, PrefixLength);
        return frame;
    }

    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (whole.Length + read > _maxAnswer)
            {
                throw new InvalidDataException($"the answer is longer than {_maxAnswer / (1024 * 1024)} MB");
            }

            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }

    private static void Check(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("grpc-status", out var statuses) && statuses.First() is not "0" and var status)
        {
            var text = headers.TryGetValues("grpc-message", out var messages) ? Uri.UnescapeDataString(messages.First()) : "";
            throw new HttpRequestException($"it answered with gRPC status {CommandText.Clean(status, 10)}: {CommandText.Clean(text, 200)}");
        }
    }
}
