using System.Net;
using Coxswain.Mcp.Access;

namespace Coxswain.Mcp.Http;

/// <summary>The daemon over Streamable HTTP.</summary>
internal sealed record HttpSettings
{
    /// <summary>Address and port, e.g. 127.0.0.1:7400; null: not served.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>What callers without a token may do; null: nothing. By default they may look, where no way to tell who they are is configured.</summary>
    public string AnonymousRole { get; init; } = "";

    /// <summary>File of bearer tokens; empty for none.</summary>
    public string TokensFile { get; init; } = "";

    /// <summary>PEM file with the public keys that sign JWTs; empty for none.</summary>
    public string JwtKeysFile { get; init; } = "";

    /// <summary>What a JWT must name as its audience.</summary>
    public string JwtAudience { get; init; } = "coxswain";

    /// <summary>What a JWT must name as its issuer; empty: anything.</summary>
    public string JwtIssuer { get; init; } = "";

    /// <summary>PEM file of the server's certificate and those between it and its root; empty: no TLS.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM file of the certificate's private key.</summary>
    public string CertificateKeyFile { get; init; } = "";

    /// <summary>Names, beside those of this machine itself, that callers may know the server by.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins, beside those of this machine itself, that web pages may call from, e.g. https://console.example.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Requests of one caller in a second; twice as many at once.</summary>
    public int MaxRequestsPerSecond { get; init; } = 200;

    /// <summary>Longest body, bytes.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>Most connections at one time.</summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>Most sessions that nobody uses at the moment: clients of older protocols may leave without a word, and then the oldest make room.</summary>
    public int MaxIdleSessions { get; init; } = 256;

    /// <summary>Whether callers can say who they are.</summary>
    public bool Authenticates => TokensFile.Length > 0 || JwtKeysFile.Length > 0;

    /// <summary>The role of callers that do not say who they are; null: none.</summary>
    public Toolset? Anonymous => AnonymousRole switch
    {
        "none" => null,
        "" => Authenticates ? null : Toolset.Observe,
        _ => (Toolset)Toolsets.Names.ToList().IndexOf(AnonymousRole),
    };

    /// <summary>Tells what makes these settings unfit.</summary>
    /// <returns>Empty when nothing does.</returns>
    public string Problem => Listen switch
    {
        null => "",
        _ when !IPAddress.IsLoopback(Listen.Address) && !Authenticates =>
            $"http.listen {Listen} can be reached from other machines: set http.tokens_file or http.jwt_keys_file, or listen on 127.0.0.1",
        _ when !IPAddress.IsLoopback(Listen.Address) && Anonymous is not null =>
            $"http.listen {Listen} can be reached from other machines: http.anonymous_role must be none",
        _ when (CertificateFile.Length > 0) != (CertificateKeyFile.Length > 0) => "http.certificate_file and http.certificate_key_file go together",
        _ => "",
    };
}
