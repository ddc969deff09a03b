using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coxswain.Core.Workloads;
using Coxswain.Mcp.Access;
using Coxswain.Mcp.Configuration;

namespace Coxswain.Mcp.Http;

/// <summary>Bearer tokens: lines of NAME ROLE EXPIRES TOKEN, that only their owner may read. Thread-safe.</summary>
/// <remarks>
/// Read again when it changes, so that a token can be taken back at once. While it cannot be used nobody has a token. Only
/// digests stay in memory, and they are compared in the same time whatever is in them.
/// </remarks>
internal sealed class TokenFile
{
    /// <summary>Shortest token, characters: what cannot be guessed.</summary>
    public const int MinTokenLength = 24;

    private const int MaxBytes = 256 * 1024;
    private const int MaxNameLength = 40;
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private List<Entry> _entries;
    private DateTime _writtenAt;
    private long _lookedAt;

    /// <summary>Reads the tokens.</summary>
    /// <exception cref="SettingsException">They cannot be used; the message says why.</exception>
    public TokenFile(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _lookedAt = time.GetTimestamp();
        _entries = Read(out _writtenAt);
    }

    /// <summary>Why the file can no longer be used; empty when it can.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Who has a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="expired">True: it was valid once.</param>
    /// <returns>Name and role; null when nobody has it.</returns>
    public (string Name, Toolset Role)? Find(string token, out bool expired)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        Entry? found = null;
        foreach (var entry in Current())
        {
            found = CryptographicOperations.FixedTimeEquals(entry.Digest, digest) ? entry : found;
        }

        expired = found is not null && found.ExpiresAt <= _time.GetUtcNow();
        return found is null || expired ? null : (found.Name, found.Role);
    }

    private List<Entry> Current()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_lookedAt) < s_lookInterval)
            {
                return _entries;
            }

            _lookedAt = _time.GetTimestamp();
            try
            {
                if (Problem.Length > 0 || File.GetLastWriteTimeUtc(_path) != _writtenAt)
                {
                    _entries = Read(out _writtenAt);
                    Problem = "";
                }
            }
            catch (SettingsException exception)
            {
                _entries = [];
                Problem = exception.Message;
            }

            return _entries;
        }
    }

    private List<Entry> Read(out DateTime writtenAt)
    {
        try
        {
            writtenAt = File.GetLastWriteTimeUtc(_path);
            using var file = File.OpenHandle(_path);
            var mode = OperatingSystem.IsWindows() ? OnlyOwner : File.GetUnixFileMode(file);
            if ((mode & ~OnlyOwner) != 0)
            {
                throw new SettingsException($"{_path}: others can read it (mode 0{Convert.ToString((int)mode, 8)}); run: chmod 600 {_path}");
            }

            var bytes = new byte[Math.Min(RandomAccess.GetLength(file), MaxBytes + 1)];
            var length = RandomAccess.Read(file, bytes, 0);
            return length > MaxBytes
                ? throw new SettingsException($"{_path}: it is larger than {MaxBytes} bytes")
                : [.. Encoding.UTF8.GetString(bytes, 0, length).Split('\n').Select(Parse).OfType<Entry>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{_path}: {exception.Message}");
        }
    }

    // Nothing of a line is repeated in a message: it may be the token.
    private Entry? Parse(string text, int index)
    {
        var fields = text.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 0 || fields[0].StartsWith('#'))
        {
            return null;
        }

        var role = fields.Length == 4 ? Toolsets.Names.ToList().IndexOf(fields[1]) : -1;
        var expires = DateTimeOffset.MaxValue;
        var place = $"{_path}, line {index + 1}";
        return fields.Length != 4 ? throw new SettingsException($"{place}: must be NAME ROLE EXPIRES TOKEN")
            : fields[0].Length > MaxNameLength || CommandText.Clean(fields[0], MaxNameLength) != fields[0] ? throw new SettingsException($"{place}: the name must have at most {MaxNameLength} characters")
            : role < 0 ? throw new SettingsException($"{place}: the role must be one of {string.Join(", ", Toolsets.Names)}")
            : fields[2] != "never" && !DateTimeOffset.TryParse(fields[2], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out expires)
                ? throw new SettingsException($"{place}: the expiry must be a time, e.g. 2027-01-31T00:00:00Z, or never")
            : fields[3].Length < MinTokenLength ? throw new SettingsException($"{place}: the token must have at least {MinTokenLength} characters; openssl rand -hex 32 makes one")
            : new Entry(fields[0], (Toolset)role, expires, SHA256.HashData(Encoding.UTF8.GetBytes(fields[3])));
    }

    private sealed record Entry(string Name, Toolset Role, DateTimeOffset ExpiresAt, byte[] Digest);
}
