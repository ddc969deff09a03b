namespace Coxswain.Benchmarks.Mcp;

/// <summary>The call that is made most: it reads, and answers from memory.</summary>
internal static class StatusCall
{
    public static string Of(int id) => ToolCall.Of(id, "get_status", "{}");

    public static void Check(string answer)
    {
        if (!answer.Contains("\"attached\":true", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"get_status answered {answer}");
        }
    }
}
