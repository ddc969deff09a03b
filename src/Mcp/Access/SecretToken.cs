namespace Coxswain.Mcp.Access;

/// <summary>Makes names that nobody can guess.</summary>
internal static class SecretToken
{
    private const int Bytes = 16;

    /// <summary>128 random bits, in hexadecimal.</summary>
    /// <remarks>From the kernel itself: the class library's generator needs OpenSSL, which small machines lack.</remarks>
    public static string New()
    {
        Span<byte> random = stackalloc byte[Bytes];
        using var source = File.OpenRead("/dev/urandom");
        source.ReadExactly(random);
        return Convert.ToHexStringLower(random);
    }
}
