using System.Runtime.InteropServices;

namespace Coxswain.Guest.Demo;

/// <summary>Two named pipes: the way to a program that is not our child.</summary>
internal sealed partial class LinePipes : IDisposable
{
    private const uint OwnerOnly = 0x180; // 0600
    private readonly FileStream _toProgram;
    private readonly FileStream _fromProgram;
    private readonly StreamWriter _writer;
    private readonly StreamReader _reader;

    public LinePipes(string directory)
    {
        string name = Path.GetRandomFileName();
        (Input, Output) = (Make(Path.Combine(directory, $"{name}.in")), Make(Path.Combine(directory, $"{name}.out")));
        // Both directions each, so that nobody has to wait for the other to open it.
        _toProgram = Open(Input);
        _fromProgram = Open(Output);
        _writer = new StreamWriter(_toProgram) { AutoFlush = true };
        _reader = new StreamReader(_fromProgram);
    }

    /// <summary>The program's standard input.</summary>
    public string Input { get; }

    /// <summary>The program's standard output.</summary>
    public string Output { get; }

    public async Task<string> ReadLineAsync(TimeSpan limit)
    {
        try
        {
            return await Task.Run(_reader.ReadLine).WaitAsync(limit) ?? throw new GuestException($"{Output} was closed");
        }
        catch (TimeoutException)
        {
            throw new GuestException($"the program at {Output} did not answer within {limit.TotalSeconds:F0} s");
        }
    }

    public Task WriteLineAsync(string line) => _writer.WriteLineAsync(line);

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        File.Delete(Input);
        File.Delete(Output);
    }

    private static string Make(string path) =>
        MakeFifo(path, OwnerOnly) == 0 ? path : throw new GuestException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
