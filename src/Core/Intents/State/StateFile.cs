using System.Text.Json;
using Coxswain.Core.Kernel;

namespace Coxswain.Core.Intents.State;

/// <summary>One file with the whole state, replaced as a whole: at every moment there is the old or the new one, never a part.</summary>
public sealed class StateFile
{
    /// <summary>Largest file taken, bytes; a hundred changes that name all they can are less.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MaxIdLength = 20;

    private readonly string _directory;

    /// <summary>Names the file.</summary>
    /// <param name="path">Absolute path; its directory is made when it is first written.</param>
    public StateFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _directory = System.IO.Path.GetDirectoryName(path)!;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Replaces the file; when this returns, the new one is on the disk.</summary>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old one is as it was.</exception>
    public void Write(SavedState state)
    {
        Directory.CreateDirectory(_directory);
        var next = Path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(next, options))
        {
            JsonSerializer.Serialize(file, state, SavedStateJson.Default.SavedState);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, Path, overwrite: true);
        SyncDirectory();
    }

    /// <summary>Reads the file. One that cannot be used is moved aside, to be looked at, so that it never is in the way.</summary>
    public StateReading Read()
    {
        try
        {
            var file = new FileInfo(Path);
            if (!file.Exists)
            {
                return new StateReading(null, "");
            }

            if (file.Length > MaxBytes)
            {
                return Useless($"is larger than {MaxBytes / (1024 * 1024)} MB");
            }

            using var stream = file.OpenRead();
            var state = JsonSerializer.Deserialize(stream, SavedStateJson.Default.SavedState);
            return state switch
            {
                null => Useless("is empty"),
                { Version: not SavedState.PresentVersion } => Useless($"is of version {state.Version}, and this program reads version {SavedState.PresentVersion}"),
                _ when state.Changes is null || state.BootId is null || state.Changes.Any(IsIncomplete) => Useless("is incomplete"),
                _ => new StateReading(state, ""),
            };
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return Useless("is damaged");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new StateReading(null, $"The state file {Path} cannot be read: {exception.Message}");
        }
    }

    // "null" is a value in JSON, whatever the types say.
    private static bool IsIncomplete(SavedChange change) => change is null ||
        change.Id is not { Length: > 0 and <= MaxIdLength } || !change.Id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || change.Author is null || change.Reason is null || change.Cpus is null || change.Command is null || change.Namespace is null ||
        change.Labels is null || change.Cgroup is null || change.Unit is null || change.Tasks is null || change.PodNames is null ||
        change.Tasks.Contains(null!) || change.PodNames.Contains(null!) || change.BoundPods?.Contains(null!) == true;

    private StateReading Useless(string why)
    {
        var aside = Path + ".bad";
        try
        {
            File.Move(Path, aside, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            aside = Path;
        }

        return new StateReading(null, $"The state file {Path} {why}; nothing is restored from it, and it was kept as {aside}");
    }

    // The new name is on the disk only when the directory is.
    private void SyncDirectory()
    {
        var directory = LibC.open(_directory, LibC.OpenDirectory | LibC.OpenCloseOnExec);
        if (directory < 0)
        {
            throw new IOException($"{_directory} cannot be opened");
        }

        try
        {
            if (LibC.fsync(directory) != 0)
            {
                throw new IOException($"{_directory} cannot be written to the disk");
            }
        }
        finally
        {
            _ = LibC.close(directory);
        }
    }
}
