namespace Coxswain.Mcp.Protocol;

/// <summary>Whether the client of a call is still there.</summary>
/// <remarks>
/// Short calls are answered also to a client that has closed its side: scripts do that. What goes on for minutes on its behalf and
/// changes the machine must not. Flows with the call.
/// </remarks>
internal static class ClientPresence
{
    private static readonly AsyncLocal<CancellationToken> s_gone = new();

    /// <summary>Cancelled when the client has left.</summary>
    public static CancellationToken Gone
    {
        get => s_gone.Value;
        set => s_gone.Value = value;
    }
}
