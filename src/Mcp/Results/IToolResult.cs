namespace Coxswain.Mcp.Results;

/// <summary>What a tool returns. Each tells when it was so.</summary>
internal interface IToolResult
{
    string AsOf { get; }
}
