using System.Runtime.InteropServices;
using Coxswain.Mcp.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Coxswain.Mcp.Hosting;

/// <summary>Standard input and output, reserved for protocol messages.</summary>
/// <remarks>One stray line on standard output, from whatever library, ends the conversation with most clients.</remarks>
internal sealed partial class ProtocolStreams : IDisposable
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private ProtocolStreams(Stream input, Stream output)
    {
        Input = new EndSignallingStream(input, new LineWatch(OpenRequests.Received));
        Output = new WatchedOutputStream(output, new LineWatch(OpenRequests.Sent));
    }

    /// <summary>What the client has asked and not been answered yet.</summary>
    public OpenRequests OpenRequests { get; } = new();

    public EndSignallingStream Input { get; }

    public Stream Output { get; }

    /// <summary>Takes both streams; whatever else writes to standard output from now on, writes to standard error.</summary>
    public static ProtocolStreams Claim()
    {
        Console.SetOut(Console.Error);
        // The stream gets a descriptor of its own. Number 1, where native code prints, is free to be pointed elsewhere.
        var output = Console.OpenStandardOutput();
        if (Duplicate(StandardError, StandardOutput) < 0)
        {
            // Started without standard error: then such output goes nowhere.
            using SafeFileHandle nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            _ = Duplicate((int)nowhere.DangerousGetHandle(), StandardOutput);
        }

        return new ProtocolStreams(Console.OpenStandardInput(), output);
    }

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);
}
