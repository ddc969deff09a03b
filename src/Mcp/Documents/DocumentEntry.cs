using Coxswain.Core.Intents;

namespace Coxswain.Mcp.Documents;

/// <summary>One thing that a document asks for.</summary>
/// <param name="Name">Where it stands, e.g. strategies.default[0].</param>
internal sealed record DocumentEntry(string Name)
{
    /// <summary>What is asked for; null when <see cref="Problem"/> says why not.</summary>
    public IntentRequest? Request { get; init; }

    /// <summary>What each field became.</summary>
    public IReadOnlyList<FieldNote> Fields { get; init; } = [];

    /// <summary>The fields that nothing was made of, and why.</summary>
    public IReadOnlyList<string> NotUnderstood { get; init; } = [];

    /// <summary>Why nothing can be asked for; empty when something is.</summary>
    public string Problem { get; init; } = "";
}
