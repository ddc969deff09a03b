using System.Security.Cryptography;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Coxswain.Mcp.Http;

/// <summary>JWTs that somebody else signs (RS256, ES256), checked with public keys. Thread-safe.</summary>
/// <remarks>The claim <c>role</c> names the role, <c>sub</c> the caller. Who has a public key can sign nothing with it.</remarks>
internal sealed class JwtKeys
{
    private const int MaxNameLength = 40;
    private const string PublicKey = "PUBLIC KEY";
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromSeconds(30);
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly TokenValidationParameters _rules;

    /// <summary>Reads the keys.</summary>
    /// <exception cref="SettingsException">They cannot be used; the message says why.</exception>
    public JwtKeys(HttpSettings settings, TimeProvider time)
    {
        _rules = new TokenValidationParameters
        {
            IssuerSigningKeys = Read(settings.JwtKeysFile),
            // Never "none", and never a secret made of a public key.
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = true,
            ValidAudience = settings.JwtAudience,
            ValidateAudience = true,
            ValidIssuer = settings.JwtIssuer,
            ValidateIssuer = settings.JwtIssuer.Length > 0,
            RequireExpirationTime = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                return expires is { } end
                    ? end > now - s_clockSkew && (notBefore is not { } begin || begin <= now + s_clockSkew)
                    : throw new SecurityTokenNoExpirationException("it has no expiry");
            },
        };
    }

    /// <summary>Checks a token.</summary>
    /// <returns>Name and role; or why it is not accepted.</returns>
    public async Task<(string Name, Toolset Role, string Problem)> CheckAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _rules).ConfigureAwait(false);
        if (!result.IsValid)
        {
            return ("", default, result.Exception switch
            {
                SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException =>
                    "the token has expired, is not valid yet, or has no expiry",
                SecurityTokenInvalidAudienceException => "the token is for another audience",
                SecurityTokenInvalidIssuerException => "the token is from another issuer",
                _ => "the token is not valid",
            });
        }

        var role = Claim(result, "role") is { } text ? Toolsets.Names.ToList().IndexOf(text) : -1;
        var name = CommandText.Clean(Claim(result, JwtRegisteredClaimNames.Sub) ?? "", MaxNameLength);
        return role < 0 ? ("", default, $"the token's claim 'role' must be one of {string.Join(", ", Toolsets.Names)}")
            : name.Length == 0 ? ("", default, "the token has no claim 'sub'")
            : (name, (Toolset)role, "");
    }

    private static string? Claim(TokenValidationResult result, string name) => result.Claims.TryGetValue(name, out var value) ? value as string : null;

    private static List<SecurityKey> Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path}: {exception.Message}");
        }

        var keys = new List<SecurityKey>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            var pem = rest[found.Location];
            if (!rest[found.Label].SequenceEqual(PublicKey))
            {
                throw new SettingsException($"{path}: it must have public keys only, but has a {rest[found.Label]}");
            }

            keys.Add(Parse(path, pem));
        }

        return keys.Count > 0 ? keys : throw new SettingsException($"{path}: there is no PEM public key in it");
    }

    private static SecurityKey Parse(string path, ReadOnlySpan<char> pem)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
        }

        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return new ECDsaSecurityKey(ecdsa);
        }
        catch (CryptographicException)
        {
            ecdsa.Dispose();
            throw new SettingsException($"{path}: a key in it is neither RSA nor ECDSA");
        }
    }
}
