namespace Coxswain.Mcp.Documents;

/// <summary>What a field of a document became.</summary>
/// <param name="Field">The field with its value, as it was written.</param>
/// <param name="Became">What it means here.</param>
internal sealed record FieldNote(string Field, string Became);
