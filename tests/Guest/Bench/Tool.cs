using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Coxswain.Guest.Bench;

/// <summary>Benchmarks of others that answer in words of their own.</summary>
internal static partial class Tool
{
    /// <summary>Whether there is such a program on PATH.</summary>
    public static bool IsHere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>Runs one to its end.</summary>
    /// <returns>What it said on standard output.</returns>
    /// <exception cref="GuestException">It cannot be started, takes longer than the limit, or fails.</exception>
    public static async Task<string> RunAsync(TimeSpan limit, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            try
            {
                Task<string> errors = process.StandardError.ReadToEndAsync();
                string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(limit);
                await process.WaitForExitAsync();
                return process.ExitCode == 0 ? output : throw new GuestException($"{program} ended with code {process.ExitCode}: {await errors}");
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                throw new GuestException($"{program} did not end within {limit.TotalSeconds:F0} s");
            }
        }
        catch (Win32Exception e)
        {
            throw new GuestException($"cannot start {program}: {e.Message}");
        }
    }

    /// <summary>The number that follows some words.</summary>
    /// <exception cref="GuestException">There is none.</exception>
    public static double Number(string output, string after)
    {
        int at = output.IndexOf(after, StringComparison.Ordinal);
        Match number = FirstNumber().Match(at < 0 ? "" : output[(at + after.Length)..]);
        return number.Success
            ? double.Parse(number.Value, CultureInfo.InvariantCulture)
            : throw new GuestException($"no number after '{after}' in: {output}");
    }

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)?")]
    private static partial Regex FirstNumber();
}
