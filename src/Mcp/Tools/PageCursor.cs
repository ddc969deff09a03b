using System.Globalization;

namespace Coxswain.Mcp.Tools;

/// <summary>The cursor for what follows a page of a listing.</summary>
internal static class PageCursor
{
    public static string Of(string id, int offset) => string.Create(CultureInfo.InvariantCulture, $"{id}-{offset}");
}
