using System.Text.RegularExpressions;
using Xunit;

namespace Coxswain.Core.Tests;

/// <summary>Who may know whom. Read from the sources, as this is about what people write, not what compiles to what.</summary>
public sealed partial class LayeringTests
{
    [Theory]
    [InlineData("Kernel", "Observe", "Intents", "Workloads", "Safety", "Supervision", "Simulation")]
    [InlineData("Dispatch", "Observe", "Intents", "Workloads", "Safety", "Supervision", "Simulation")]
    [InlineData("Policies", "Observe", "Intents", "Workloads", "Safety", "Dispatch", "Supervision", "Simulation")]
    [InlineData("Simulation", "Intents", "Workloads", "Safety", "Supervision")]
    [InlineData("Supervision", "Intents", "Safety", "Dispatch", "Policies", "Simulation", "SimulatedNodes")]
    [InlineData("Observe", "Intents", "Safety", "Supervision", "Dispatch", "Policies", "Simulation", "SimulatedNodes")]
    [InlineData("Intents", "Supervision", "Dispatch", "Policies", "Simulation")]
    public void Inner_parts_do_not_know_the_outer_ones(string folder, params string[] forbidden)
    {
        foreach (string file in Sources(folder))
        {
            IEnumerable<string> used = Usings(file).Where(u => forbidden.Any(f => u == $"Coxswain.Core.{f}" || u.StartsWith($"Coxswain.Core.{f}.", StringComparison.Ordinal)));
            Assert.True(!used.Any(), $"{file} uses {string.Join(", ", used)}");
        }
    }

    [Theory]
    [InlineData("Policies")]
    [InlineData("Dispatch/DispatchLoop.cs")]
    [InlineData("Dispatch/BpfPort.cs")]
    [InlineData("Kernel/RecordRing.cs")]
    public void The_loop_uses_only_system_and_unmanaged_memory(string path)
    {
        foreach (string file in Sources(path))
        {
            IEnumerable<string> used = Usings(file).Where(u => u is not ("System.Runtime.InteropServices" or "System.Runtime.CompilerServices") && !u.StartsWith("Coxswain.Core.", StringComparison.Ordinal));
            Assert.True(!used.Any(), $"{file} uses {string.Join(", ", used)}");
            string text = File.ReadAllText(file);
            foreach (string word in new[] { "async ", "lock (", "Console.", "ILogger", "new List<", "new Dictionary<", "Task<" })
            {
                Assert.False(text.Contains(word, StringComparison.Ordinal), $"{file} contains '{word}'");
            }
        }
    }

    [Fact]
    public void The_core_knows_no_protocol_and_no_console()
    {
        // The container runtime and the Kubernetes API are spoken to over sockets; what is spoken stays in these folders.
        foreach (string file in Sources(".").Where(f => !f.Contains("/Workloads/Cri/", StringComparison.Ordinal) && !f.Contains("/Workloads/Kubernetes/", StringComparison.Ordinal)))
        {
            IEnumerable<string> used = Usings(file).Where(u => u.StartsWith("ModelContextProtocol", StringComparison.Ordinal)
                || u.StartsWith("Microsoft.Extensions", StringComparison.Ordinal) || u.StartsWith("Serilog", StringComparison.Ordinal)
                || u.StartsWith("System.Net", StringComparison.Ordinal));
            Assert.True(!used.Any(), $"{file} uses {string.Join(", ", used)}");
            Assert.DoesNotContain("Console.", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Sources(string path)
    {
        string full = Repository.File($"src/Core/{path}");
        return File.Exists(full) ? [full] : Directory.EnumerateFiles(full, "*.cs", SearchOption.AllDirectories);
    }

    private static IEnumerable<string> Usings(string file) =>
        UsingLine().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();
}
