using System.Globalization;
using System.Text.Json;

namespace Coxswain.Guest.Bench;

/// <summary>Programs that answer with a line of JSON, and what is read from it.</summary>
internal static class LineProgram
{
    /// <summary>Runs one to its end, or until it has said its line.</summary>
    public static async Task<JsonElement> RunAsync(TimeSpan limit, string program, params string[] arguments)
    {
        using Child child = Child.Start(program, arguments);
        return await ReadAsync(child, limit);
    }

    public static async Task<JsonElement> AskAsync(IProgram child, string question, TimeSpan limit)
    {
        await child.WriteLineAsync(question);
        return await ReadAsync(child, limit);
    }

    public static async Task<JsonElement> ReadAsync(IProgram child, TimeSpan limit)
    {
        string line = await child.ReadLineAsync(limit);
        try
        {
            return JsonElement.Parse(line);
        }
        catch (JsonException)
        {
            throw new GuestException($"a workload answered with something else than JSON: {line}");
        }
    }

    /// <summary>Percentiles of one distribution as samples.</summary>
    public static IEnumerable<Sample> Percentiles(JsonElement answer, string distribution, string prefix = "")
    {
        JsonElement values = answer.GetProperty(distribution);
        return [.. new[] { "p50", "p99", "p999", "max" }.Select(p => new Sample($"{prefix}{p}", "us", values.GetProperty(p).GetDouble()))];
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
