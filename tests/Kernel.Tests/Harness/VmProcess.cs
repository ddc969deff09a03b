using System.Diagnostics;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>One run of vm/run: its streams, its kernel's messages, and why it ended.</summary>
internal sealed class VmProcess : IAsyncDisposable
{
    private const string KernelPrefix = "[kernel] ";

    /// <summary>Exit code of vm/run for its own failure, a guest that does not boot included.</summary>
    private const int HarnessFailed = 125;

    private readonly Process _process;
    private readonly Task _errorReader;
    private readonly List<string> _messages = [];

    private VmProcess(Process process, KernelLog log)
    {
        _process = process;
        Reader = new FrameReader(process.StandardOutput.BaseStream);
        _errorReader = Task.Run(() => ReadErrorsAsync(log));
    }

    public FrameReader Reader { get; }

    public static VmProcess Start(string series, IReadOnlyList<string> more, string command, KernelLog log)
    {
        var start = new ProcessStartInfo(Repository.VmRun)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] options = ["--kernel", series, "--stdio", "--timeout", "3600", .. more, .. Repository.Programs().SelectMany(p => new[] { "--add", p })];
        foreach (string argument in (string[])[.. options, "--", "sh", "-c", command])
        {
            start.ArgumentList.Add(argument);
        }

        return new VmProcess(Process.Start(start)!, log);
    }

    public async Task WriteAsync(string text, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteAsync(text.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
    }

    /// <summary>Why there is nothing more to read; to be called when that is so.</summary>
    public async Task<string> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _errorReader;
        }
        catch (OperationCanceledException)
        {
            return "the guest's output ended, but vm/run did not";
        }

        string messages;
        lock (_messages)
        {
            messages = string.Join('\n', _messages);
        }

        return _process.ExitCode == HarnessFailed
            ? $"the guest could not be run (vm/run exit {HarnessFailed}):\n{messages}"
            : $"the guest ended (vm/run exit {_process.ExitCode}):\n{messages}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close(); // the shell in the guest ends, and the guest with it
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(); // QEMU does not outlive vm/run
            }
        }

        await _errorReader;
        _process.Dispose();
    }

    private async Task ReadErrorsAsync(KernelLog log)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(KernelPrefix, StringComparison.Ordinal))
            {
                log.Add(line[KernelPrefix.Length..]);
                continue;
            }

            lock (_messages)
            {
                _messages.Add(line);
            }
        }
    }
}
