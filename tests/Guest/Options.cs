using System.Globalization;

namespace Coxswain.Guest;

/// <summary>Options of one command: <c>--name value</c> or <c>--flag</c>. What is not asked for is refused at <see cref="End"/>.</summary>
internal sealed class Options(string[] arguments)
{
    private readonly List<string> _left = [.. arguments];

    public bool Flag(string name) => _left.Remove(name);

    public string Text(string name, string otherwise)
    {
        int at = _left.IndexOf(name);
        if (at < 0)
        {
            return otherwise;
        }

        if (at + 1 == _left.Count)
        {
            throw new UsageException($"{name} needs a value");
        }

        string value = _left[at + 1];
        _left.RemoveRange(at, 2);
        return value;
    }

    public int Number(string name, int otherwise, int low, int high)
    {
        string text = Text(name, "");
        if (text.Length == 0)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= low && value <= high
            ? value
            : throw new UsageException($"{name} {text}: must be a number from {low} to {high}");
    }

    /// <summary>Call when every option has been asked for.</summary>
    public void End()
    {
        if (_left.Count > 0)
        {
            throw new UsageException($"unknown argument '{_left[0]}' (--help shows the known ones)");
        }
    }
}
