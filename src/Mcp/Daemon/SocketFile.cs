using System.Globalization;
using System.Net.Sockets;

namespace Coxswain.Mcp.Daemon;

/// <summary>The file of the daemon's socket: made so that nobody else ever could connect, and taken away again.</summary>
internal static class SocketFile
{
    /// <summary>Clients that wait to be accepted.</summary>
    public const int Backlog = 128;

    private const int FirstPassedDescriptor = 3;

    // 0660: the owner and the group.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const int Mask = 0b001_001_111;

    /// <summary>Takes the socket that systemd passed, if it did, else makes one.</summary>
    /// <param name="settings">Where it is to be.</param>
    /// <returns>A socket that is to listen, and what could not be done for it; empty when all is well.</returns>
    /// <exception cref="IOException">It cannot be made; the message says why, and what to do.</exception>
    public static (Socket Socket, bool IsPassed, string Problem) Open(SocketSettings settings) =>
        Passed() is { } passed ? (passed, true, "") : Make(settings);

    /// <summary>Tells whether somebody answers at a path.</summary>
    /// <returns>A connected socket; null when there is no socket, or nobody listens.</returns>
    /// <exception cref="SocketException">It may not be used, or cannot be for another reason.</exception>
    public static Socket? Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            // What there is of it may be a file that a daemon left when it was killed.
            if (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path) && !IsHidden(path))
            {
                return null;
            }

            throw;
        }
    }

    // Where the directory may not be entered, a file in it looks as if it were not there.
    private static bool IsHidden(string path) => Directory.Exists(Path.GetDirectoryName(path)) && !CanList(Path.GetDirectoryName(path)!);

    private static bool CanList(string directory)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(directory).Any();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static (Socket Socket, bool IsPassed, string Problem) Make(SocketSettings settings)
    {
        var path = settings.Path;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (Connect(path) is { } answering)
            {
                answering.Dispose();
                throw new IOException($"{path}: a daemon answers there already; stop it, or give another --socket");
            }

            File.Delete(path);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            var before = UnixAccounts.SetMask(Mask);
            try
            {
                socket.Bind(new UnixDomainSocketEndPoint(path));
            }
            finally
            {
                _ = UnixAccounts.SetMask(before);
            }

            var problem = GiveToGroup(settings);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, Mode);
            }

            return (socket, false, problem);
        }
        catch (Exception exception) when (exception is SocketException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: {exception.Message}; run it as root, or give a --socket where this user may write", exception);
        }
    }

    private static string GiveToGroup(SocketSettings settings) => settings.Group.Length == 0 ? ""
        : UnixAccounts.GroupId(settings.Group) is not { } group ? $"there is no group '{settings.Group}': only this user and root may connect"
        : UnixAccounts.TryGiveToGroup(settings.Path, group) ? ""
        : $"the socket cannot be given to group '{settings.Group}': only this user and root may connect";

    // sd_listen_fds(3): the first one is ours.
    private static Socket? Passed() =>
        int.TryParse(Environment.GetEnvironmentVariable("LISTEN_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) &&
        pid == Environment.ProcessId &&
        int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? new Socket(new SafeSocketHandle(FirstPassedDescriptor, ownsHandle: true))
            : null;
}
