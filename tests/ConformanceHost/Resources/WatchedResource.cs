using Coxswain.Mcp.Resources;

namespace Coxswain.ConformanceHost.Resources;

/// <summary>The resource that the suite subscribes to. The suite waits for no change, so there is none.</summary>
internal sealed class WatchedResource : IVersionedResource
{
    public const string Address = "test://watched-resource";

    public string Uri => Address;

    public string Version => "1";
}
