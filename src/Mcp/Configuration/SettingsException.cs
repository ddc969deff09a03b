namespace Coxswain.Mcp.Configuration;

/// <summary>A configuration file cannot be used; the message names file, line, what is wrong and what is allowed.</summary>
internal sealed class SettingsException(string message) : Exception(message);
