using System.Text.Json;

namespace Coxswain.Mcp.Audit;

/// <summary>A file of JSON lines that is only appended to: who asked for what, and what became of it. Thread-safe.</summary>
/// <remarks>
/// At <see cref="MaxBytes"/> it becomes PATH.1, older ones move on, and what was PATH.5 is deleted. While it cannot be
/// written, <see cref="Problem"/> says why, and each record tries again.
/// </remarks>
internal sealed class AuditFile : IDisposable
{
    /// <summary>Size at which a new file is begun, bytes.</summary>
    public const long MaxBytes = 10 * 1024 * 1024;

    private const int OldFiles = 5;
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly long _maxBytes;
    private FileStream? _file;

    /// <summary>Opens the file, or makes it, readable for its owner only.</summary>
    /// <param name="path">Absolute path; its directory is made if need be.</param>
    /// <param name="maxBytes">Size at which a new file is begun.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public AuditFile(string path, long maxBytes = MaxBytes)
    {
        _path = path;
        _maxBytes = maxBytes;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _file = Open();
    }

    /// <summary>Why the last record could not be written; empty when it was.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Appends a record.</summary>
    /// <param name="members">Writes the members of the object.</param>
    /// <param name="durable">True: it is on the disk, and all before it, when this returns.</param>
    public void Write(Action<Utf8JsonWriter> members, bool durable)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        lock (_gate)
        {
            try
            {
                _file ??= Open();
                if (_file.Length + buffer.Length > _maxBytes)
                {
                    Rotate();
                }

                // In one piece, so that a line is whole or not there at all.
                _file.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
                _file.Flush(flushToDisk: durable);
                Problem = "";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Problem = exception.Message;
                _file?.Dispose();
                _file = null;
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(_path, options);
    }

    private void Rotate()
    {
        _file!.Flush(flushToDisk: true);
        _file.Dispose();
        _file = null;
        for (var number = OldFiles - 1; number >= 1; number--)
        {
            if (File.Exists($"{_path}.{number}"))
            {
                File.Move($"{_path}.{number}", $"{_path}.{number + 1}", overwrite: true);
            }
        }

        File.Move(_path, $"{_path}.1", overwrite: true);
        _file = Open();
    }
}
