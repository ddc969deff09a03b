using System.Text;
using ModelContextProtocol.Protocol;

namespace Coxswain.Mcp.Protocol;

/// <summary>What clients show beside the name: two oars over water.</summary>
internal static class ServerIcon
{
    private const string Svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\" fill=\"none\" stroke=\"#17607a\" stroke-width=\"3\" stroke-linecap=\"round\">" +
        "<path d=\"M6 4l18 18M26 4L8 22M4 27q4-3 8 0t8 0 8 0\"/></svg>";

    /// <summary>The icon, within the message: nothing has to be fetched.</summary>
    public static Icon Icon { get; } = new()
    {
        Source = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(Svg)),
        MimeType = "image/svg+xml",
        Sizes = ["any"],
    };
}
