using System.ComponentModel;
using System.Diagnostics;

namespace Coxswain.Guest;

/// <summary>A program of the workload: found on PATH, its standard output read line by line, killed with us.</summary>
internal sealed class Child : IProgram
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

    public int Pid => _process.Id;

    public IReadOnlyList<int> Pids => [Pid];

    public static Child Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        try
        {
            return new Child(Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new GuestException($"cannot start {program}: {e.Message} (the workloads must be on PATH)");
        }
    }

    public async Task<string> ReadLineAsync(TimeSpan limit)
    {
        try
        {
            return await _process.StandardOutput.ReadLineAsync().WaitAsync(limit)
                ?? throw new GuestException($"{_process.StartInfo.FileName} ended before it answered");
        }
        catch (TimeoutException)
        {
            throw new GuestException($"{_process.StartInfo.FileName} did not answer within {limit.TotalSeconds:F0} s");
        }
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
