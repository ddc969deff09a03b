namespace Coxswain.Mcp.Prompts;

/// <summary>An argument of a prompt.</summary>
/// <param name="Name">As in the text.</param>
/// <param name="Description">What the operator is to give.</param>
/// <param name="Required">Whether it must be given.</param>
/// <param name="Default">What stands in the text without it.</param>
internal sealed record PromptParameter(string Name, string Description, bool Required, string Default);
