namespace Coxswain.Mcp.Resources;

/// <summary>A resource, beside the server's own, that clients can ask to be told of. Thread-safe.</summary>
internal interface IVersionedResource
{
    /// <summary>Its address.</summary>
    string Uri { get; }

    /// <summary>Its present version: two equal ones mean that nothing of note has changed. Asked for once a second while somebody listens.</summary>
    string Version { get; }
}
