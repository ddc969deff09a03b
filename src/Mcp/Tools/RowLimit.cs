namespace Coxswain.Mcp.Tools;

/// <summary>How many rows an answer has: detailed ones are several times as long, and clients cut long answers off.</summary>
internal static class RowLimit
{
    /// <summary>Most detailed rows in one answer.</summary>
    public const int MostDetailed = 50;

    /// <summary>How many rows to return.</summary>
    /// <param name="limit">How many were asked for.</param>
    /// <param name="format">How long they are.</param>
    public static int Of(int limit, ResponseFormat format) => format == ResponseFormat.Detailed ? Math.Min(limit, MostDetailed) : limit;

    /// <summary>Tells that fewer rows came than were asked for, after what else is said of it; empty when they did not.</summary>
    public static string Hint(int limit, ResponseFormat format) =>
        Of(limit, format) < limit ? $" At most {MostDetailed} detailed rows come at a time." : "";
}
