using System.Globalization;
using System.Text;

namespace Coxswain.Core.Workloads;

/// <summary>Makes text that processes chose for themselves fit to be shown, logged and matched.</summary>
public static class CommandText
{
    /// <summary>Longest name kept, characters. The kernel gives programs 15 bytes; its own workers have longer names.</summary>
    public const int MaxLength = 64;

    /// <summary>Longest command line or path kept, characters.</summary>
    public const int MaxLineLength = 4096;

    /// <summary>Decodes a name, without control, format and line separator characters, cut to <see cref="MaxLength"/>.</summary>
    public static string Clean(ReadOnlySpan<byte> utf8)
    {
        // A name from the kernel is 63 bytes at most; anything longer did not come from it.
        Span<char> chars = stackalloc char[4 * MaxLength];
        var decoded = Encoding.UTF8.GetChars(utf8[..Math.Min(utf8.Length, chars.Length)], chars);
        return Clean(chars[..decoded], MaxLength);
    }

    /// <summary>Copies text without control, format and line separator characters, cut to a length.</summary>
    /// <param name="text">What somebody else wrote.</param>
    /// <param name="maxLength">Characters kept at most, at least 1.</param>
    public static string Clean(ReadOnlySpan<char> text, int maxLength) => Copy(text, maxLength, static _ => "");

    /// <summary>Copies text with control, format and line separator characters written as \u001b is here, cut to a length: for records of what was
    /// tried, which must show it and not do it.</summary>
    /// <param name="text">What somebody else wrote.</param>
    /// <param name="maxLength">Characters kept at most, at least 1.</param>
    public static string Escape(ReadOnlySpan<char> text, int maxLength) =>
        Copy(text, maxLength, static rune => rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");

    private static string Copy(ReadOnlySpan<char> text, int maxLength, Func<Rune, string> insteadOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var kept = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            var written = IsVisible(rune) ? rune.ToString() : insteadOf(rune);
            if (kept.Length + written.Length > maxLength)
            {
                break;
            }

            kept.Append(written);
        }

        return kept.ToString();
    }

    // Format characters include those that reverse the direction of text: a name could show as another one.
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or
        UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
