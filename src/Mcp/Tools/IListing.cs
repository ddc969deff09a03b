namespace Coxswain.Mcp.Tools;

/// <summary>Something measured once, from which pages are taken.</summary>
internal interface IListing
{
    /// <summary>When it was measured.</summary>
    DateTimeOffset AsOf { get; }

    /// <summary>Rows kept.</summary>
    int Kept { get; }
}
