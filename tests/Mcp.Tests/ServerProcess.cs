using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Coxswain.Mcp.Tests;

/// <summary>A running <c>coxswain</c>: the binary that COXSWAIN_BINARY names, else the one that was built with the tests.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    // Far above what it takes; only a hang meets it.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ServerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    /// <summary>What it wrote to standard error; complete after its end.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The command line that starts it.</summary>
    public static string[] Command(params string[] arguments)
    {
        var binary = Environment.GetEnvironmentVariable("COXSWAIN_BINARY");
        return [.. string.IsNullOrEmpty(binary) ? (string[])["dotnet", Path.Combine(AppContext.BaseDirectory, "coxswain.dll")] : [binary], .. arguments];
    }

    public static ServerProcess Start(params string[] arguments) => StartIn([], arguments);

    /// <summary>Starts it with more in its environment.</summary>
    /// <param name="environment">NAME=VALUE.</param>
    /// <param name="arguments">Its command line.</param>
    public static ServerProcess StartIn(string[] environment, params string[] arguments)
    {
        // A shell that runs the tests in the background has told them to ignore SIGINT, and whoever they start with them.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. environment, .. Command(arguments)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>What one of its file descriptors is connected to.</summary>
    public string DescriptorTarget(int descriptor) => new FileInfo($"/proc/{_process.Id}/fd/{descriptor}").LinkTarget!;

    public Task SendAsync(string line) => _process.StandardInput.WriteAsync($"{line}\n");

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(s_limit) ??
        throw new EndOfStreamException(Errors);

    /// <summary>Closes standard input and waits for the end.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Lines)> EndInputAsync()
    {
        _process.StandardInput.Close();
        var rest = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(s_limit);
        return (await WaitAsync(), rest.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Sends a signal that does not end it.</summary>
    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<int> SignalAsync(int signal)
    {
        Signal(signal);
        return await WaitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        // Also waits for the end of standard error.
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(s_limit);
        return _process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
