using System.Globalization;
using System.Net;
using System.Text;

namespace Coxswain.Mcp.Commands.Remote.Reports;

/// <summary>Writes a picture. Every text is escaped; colours are classes that the page defines for light and dark.</summary>
internal sealed class SvgPicture
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a picture.</summary>
    /// <param name="width">Units; as many pixels at most.</param>
    /// <param name="height">Units.</param>
    /// <param name="description">For who cannot see it.</param>
    public SvgPicture(double width, double height, string description) => _text.Append(
        CultureInfo.InvariantCulture,
        $"<svg viewBox=\"0 0 {width:0.#} {height:0.#}\" width=\"{width:0.#}\" role=\"img\" aria-label=\"{Escape(description)}\">");

    /// <summary>Text as it may stand in an element or attribute.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public SvgPicture Rectangle(double x, double y, double width, double height, string style, string title = "")
    {
        _text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{Math.Max(0, width):0.##}\" height=\"{Math.Max(0, height):0.##}\" rx=\"2\">");
        _text.Append(title.Length > 0 ? $"<title>{Escape(title)}</title></rect>" : "</rect>");
        return this;
    }

    public SvgPicture Line(double x1, double y1, double x2, double y2, string style)
    {
        _text.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\"/>");
        return this;
    }

    /// <summary>An arrow along a curve from one point to another.</summary>
    /// <param name="x1">From.</param>
    /// <param name="y1">From.</param>
    /// <param name="x2">To.</param>
    /// <param name="y2">To; the arrow's head is there.</param>
    /// <param name="bend">How far it goes out to the right on its way.</param>
    /// <param name="style">Class.</param>
    public SvgPicture Arrow(double x1, double y1, double x2, double y2, double bend, string style)
    {
        var middle = (y1 + y2) / 2;
        _text.Append(bend > 0
            ? string.Create(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"M{x1:0.##} {y1:0.##} C{x1 + bend:0.##} {y1:0.##} {x2 + bend:0.##} {y2:0.##} {x2:0.##} {y2:0.##}\"/><path class=\"{style} head\" d=\"M{x2:0.##} {y2:0.##} l7 -4 v8 z\"/>")
            : string.Create(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"M{x1:0.##} {y1:0.##} C{x1:0.##} {middle:0.##} {x2:0.##} {middle:0.##} {x2:0.##} {y2 - 6:0.##}\"/><path class=\"{style} head\" d=\"M{x2:0.##} {y2:0.##} l-4 -7 h8 z\"/>"));
        return this;
    }

    /// <param name="x">Where.</param>
    /// <param name="y">The line it stands on.</param>
    /// <param name="text">Anything.</param>
    /// <param name="style">Class.</param>
    /// <param name="anchor">start, middle or end.</param>
    public SvgPicture Text(double x, double y, string text, string style = "", string anchor = "start")
    {
        _text.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\">{Escape(text)}</text>");
        return this;
    }

    public override string ToString() => $"{_text}</svg>";
}
