using System.Text.Json;

namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests
{
    /// <summary>How much more than recorded is a jump, for instructions and states; small programs may grow by the second number of each.</summary>
    private const double Jump = 1.2;
    private const int InstructionsAlways = 100;
    private const int StatesAlways = 10;

    [Fact]
    public async Task Verifying_the_programs_takes_about_as_much_as_recorded()
    {
        const string Renew = "`make verifier` renews the record, tests/Kernel.Tests/verifier.json";
        string series = Guest.Version.ToString();
        using JsonDocument record = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests/Kernel.Tests/verifier.json"), Cancellation));
        Assert.True(record.RootElement.TryGetProperty(series, out JsonElement recorded), $"nothing is recorded for {series}; {Renew}");

        JsonElement found = (await Guest.RunAsync("coxswain-guest verifier")).Succeeded().Json().GetProperty("programs");

        Output(found.GetRawText());
        Assert.Equal(recorded.EnumerateObject().Select(p => p.Name).Order(), found.EnumerateObject().Select(p => p.Name).Order());
        string[] jumps = [.. found.EnumerateObject().SelectMany(program => Jumps(program.Name, recorded.GetProperty(program.Name), program.Value))];
        Assert.True(jumps.Length == 0, $"more than 20 % above what is recorded for {series}: {string.Join("; ", jumps)}. If that is as it should be, {Renew}");
    }

    private static IEnumerable<string> Jumps(string program, JsonElement recorded, JsonElement found)
    {
        foreach ((string figure, int always) in ((string, int)[])[("instructions", InstructionsAlways), ("total_states", StatesAlways)])
        {
            int before = recorded.GetProperty(figure).GetInt32(), now = found.GetProperty(figure).GetInt32();
            if (now > Math.Max(before * Jump, before + always))
            {
                yield return $"{program} {figure} {before} -> {now}";
            }
        }
    }
}
