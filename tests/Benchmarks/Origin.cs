using System.Diagnostics;

namespace Coxswain.Benchmarks;

/// <summary>Where and when results come from.</summary>
/// <param name="Machine">CPU model, number of CPUs, memory.</param>
/// <param name="Kernel">The kernel whose schedulers were measured: that of the guest where there was one.</param>
/// <param name="Commit">Of the sources.</param>
/// <param name="Date">The day, in UTC.</param>
internal sealed record Origin(string Machine, string Kernel, string Commit, string Date)
{
    public static Origin Of(GuestSamples? guest) => new(
        guest is null ? ThisMachine() : $"{guest.Cpus} CPUs for the schedulers ({Kind(guest.Accelerator)}); {ThisMachine()}",
        guest?.Kernel ?? File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        ThisCommit(),
        DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));

    private static string Kind(string accelerator) => accelerator switch
    {
        "kvm" => "of a virtual machine",
        "tcg" => "emulated",
        "icount" => "emulated, 2 ns per instruction",
        _ => "of this machine",
    };

    private static string ThisMachine()
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown CPU";
        return $"{model}, {Environment.ProcessorCount} CPUs, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB";
    }

    private static string ThisCommit()
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", ["rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string commit = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
