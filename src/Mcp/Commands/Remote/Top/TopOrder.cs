namespace Coxswain.Mcp.Commands.Remote.Top;

/// <summary>What the rows are sorted by.</summary>
internal enum TopOrder
{
    /// <summary>99th percentile of waits, longest first.</summary>
    Latency,

    /// <summary>CPU, most first.</summary>
    Cpu,

    /// <summary>Class, most urgent first; then latency.</summary>
    Class,

    Name,
}
