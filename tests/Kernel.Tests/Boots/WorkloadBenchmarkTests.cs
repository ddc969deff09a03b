using System.Diagnostics;
using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>The benchmark of workloads, by the script that people call, in a boot of its own.</summary>
public sealed class WorkloadBenchmarkTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_scheduler_of_others_is_measured_when_its_path_and_arguments_are_given()
    {
        // Ours under another name, where only a path leads to it: it attaches by itself and ends at an interrupt, as theirs do.
        DirectoryInfo directory = Directory.CreateTempSubdirectory("coxswain-bench-");
        try
        {
            File.Copy(Path.Combine(Repository.Root, "artifacts", "bin", "coxswain-guest"), Path.Combine(directory.FullName, "scx_other"));

            List<JsonElement> figures = await MeasureAsync(directory.FullName, "./scx_other hold --policy vtime", "pipe", "eevdf");

            Assert.Equal(["eevdf", "scx_other"], figures.Select(f => f.GetProperty("scheduler").GetString()).Order(StringComparer.Ordinal));
            Assert.All(figures, f => Assert.True(f.GetProperty("value").GetDouble() > 0, f.GetRawText()));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Figures of one short run; the first line, which tells of the machine, is left out.</summary>
    private static async Task<List<JsonElement>> MeasureAsync(string directory, string scheduler, string scenario, string schedulers)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Repository.Root, "build", "workloads.sh"), ["--quick", "--repetitions", "1", "--scenarios", scenario, "--schedulers", schedulers])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SCHEDULER"] = scheduler;
        start.Environment["CLOCK"] = "host"; // the shorter one
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"exit {process.ExitCode}\n{await errors}");
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1).Select(line => JsonElement.Parse(line))];
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
