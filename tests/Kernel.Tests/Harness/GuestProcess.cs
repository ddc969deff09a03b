using System.Globalization;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A command that runs in the guest's background: lines in, lines out, signals, exit code.</summary>
public sealed class GuestProcess : IAsyncDisposable
{
    private readonly Guest _guest;
    private readonly string _directory;
    private int _inputKeeper;
    private int _linesRead;
    private int? _exitCode;

    private GuestProcess(Guest guest, int number, string command)
    {
        _guest = guest;
        _directory = string.Create(CultureInfo.InvariantCulture, $"/run/tests/process.{number}");
        Command = command;
    }

    public string Command { get; }

    /// <summary>Of the command itself.</summary>
    public int Pid { get; private set; }

    public bool HasEnded => _exitCode is not null;

    internal static async Task<GuestProcess> StartAsync(Guest guest, int number, string command)
    {
        var process = new GuestProcess(guest, number, command);
        GuestResult started = await guest.ControlAsync($"exec cox-shell start {process._directory} <<'END-OF-COMMAND'\n{command}\nEND-OF-COMMAND");
        int[] pids = [.. started.Succeeded().LastLine.Split(' ').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        (process.Pid, process._inputKeeper) = (pids[0], pids[1]);
        return process;
    }

    public async Task WriteLineAsync(string line) => (await _guest.ControlAsync(Writing(line))).Succeeded();

    /// <summary>The next line of output.</summary>
    /// <exception cref="GuestException">None came in time, or the command has ended.</exception>
    public Task<string> ReadLineAsync(TimeSpan? limit = null) => LineAsync("", limit);

    /// <summary>Writes a line and reads one.</summary>
    /// <exception cref="GuestException">None came in time, or the command has ended.</exception>
    public Task<string> AskAsync(string line, TimeSpan? limit = null) => LineAsync($"{Writing(line)} && ", limit);

    /// <summary>Waits until a condition of the shell holds.</summary>
    /// <exception cref="GuestException">It did not in time, or the command has ended.</exception>
    public async Task WaitForAsync(string condition)
    {
        GuestResult result = await _guest.ControlAsync($"until {condition}; do [ ! -e {_directory}/code ] || exit 3; usleep 100000; done");
        if (result.ExitCode != 0)
        {
            throw await NoAnswerAsync($"not so: {condition}");
        }
    }

    /// <summary>Ends the command's standard input.</summary>
    public async Task CloseInputAsync() => (await _guest.ControlAsync($"kill -9 {_inputKeeper}")).Succeeded();

    /// <summary>Sends a signal, by name, to the command alone.</summary>
    public async Task SignalAsync(string signal) => (await _guest.ControlAsync($"kill -{signal} {Pid}")).Succeeded();

    /// <summary>Waits for the end of the command; 128 + N when signal N ended it.</summary>
    public async Task<int> WaitAsync(TimeSpan? limit = null)
    {
        if (_exitCode is { } known)
        {
            return known;
        }

        GuestResult result = await _guest.ControlAsync($"cox-shell code {_directory} && {{ kill -9 {_inputKeeper} 2>/dev/null; true; }}", limit);
        if (result.ExitCode != 0)
        {
            throw await NoAnswerAsync("it did not end in time");
        }

        _exitCode = int.Parse(result.Text, CultureInfo.InvariantCulture);
        return _exitCode.Value;
    }

    public async Task<bool> IsRunningAsync() => (await _guest.ControlAsync($"[ ! -e {_directory}/code ]")).ExitCode == 0;

    /// <summary>All of its output so far.</summary>
    public async Task<string> OutputAsync() => (await _guest.ControlAsync($"cat {_directory}/out")).Text;

    /// <summary>All of its error output so far.</summary>
    public async Task<string> ErrorAsync() => (await _guest.ControlAsync($"cat {_directory}/err")).Text;

    /// <summary>Kills it with all that it has started.</summary>
    public async Task KillAsync()
    {
        if (_exitCode is null)
        {
            await _guest.ControlAsync($"{Kill()}; true");
        }
    }

    /// <summary>The script that kills it with all that it has started; to be run at once.</summary>
    internal string Kill()
    {
        _exitCode = 137;
        return string.Create(CultureInfo.InvariantCulture, $"kill -9 -{Pid} {_inputKeeper}");
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private string Writing(string line) => $"printf '%s\\n' '{line.Replace("'", @"'\''", StringComparison.Ordinal)}' >{_directory}/in";

    private async Task<string> LineAsync(string before, TimeSpan? limit)
    {
        int wanted = ++_linesRead;
        GuestResult result = await _guest.ControlAsync(string.Create(CultureInfo.InvariantCulture, $"{before}exec cox-shell line {_directory} {wanted}"), limit);
        return result.ExitCode == 0 ? result.Text.TrimEnd('\n') : throw await NoAnswerAsync("no line of output");
    }

    private async Task<GuestException> NoAnswerAsync(string what)
    {
        GuestResult state = await _guest.ControlAsync(
            $"""
            cd {_directory}
            echo "exit code: $(cat code 2>/dev/null || echo none yet)"
            echo "output:"; tail -c 2000 out
            echo "error output:"; tail -c 2000 err
            echo "sched_ext: $(cat /sys/kernel/sched_ext/state)"
            """);
        return new GuestException($"{what}: {Command}\n{state.Text}");
    }
}
