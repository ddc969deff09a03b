namespace Coxswain.Mcp.Documents;

/// <summary>A document cannot be read; the message says what is wrong and what is allowed.</summary>
internal sealed class DocumentException(string message) : Exception(message);
