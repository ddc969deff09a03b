namespace Coxswain.ConformanceHost;

/// <summary>The smallest files of their kind.</summary>
internal static class Samples
{
    public const string PngType = "image/png";

    public const string WavType = "audio/wav";

    /// <summary>One red pixel.</summary>
    public static byte[] Png { get; } =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC");

    /// <summary>Two samples of silence.</summary>
    public static byte[] Wav { get; } =
        Convert.FromBase64String("UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA");
}
