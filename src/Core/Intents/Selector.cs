namespace Coxswain.Core.Intents;

/// <summary>Names threads: by process or thread ids, or by a regex over the names of threads and processes.</summary>
/// <remarks>Two selectors are equal when they name the same things in the same words.</remarks>
public sealed class Selector : IEquatable<Selector>
{
    private readonly string _text;

    private Selector(IReadOnlyList<int> pids, string command)
    {
        Pids = pids;
        Command = command;
        _text = command.Length > 0 ? $"command {command}" : $"pids {string.Join(',', pids)}";
    }

    /// <summary>Ids, ascending, each once; empty when <see cref="Command"/> is used. A process id covers all threads of
    /// the process; the id of a thread that does not lead a process covers just that thread.</summary>
    public IReadOnlyList<int> Pids { get; }

    /// <summary>Regex that must match somewhere in the name of the thread or of its process; empty when <see cref="Pids"/> is used.</summary>
    public string Command { get; }

    /// <summary>Names threads by process or thread ids.</summary>
    public static Selector OfPids(IEnumerable<int> pids) => new([.. pids.Distinct().Order()], "");

    /// <summary>Names threads by a regex over their own name and that of their process.</summary>
    public static Selector OfCommand(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new Selector([], command);
    }

    /// <inheritdoc/>
    public bool Equals(Selector? other) => other is not null && other._text == _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Selector);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => _text;
}
