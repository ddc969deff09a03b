using System.Globalization;

namespace Coxswain.Core.Kernel;

/// <summary>Release of the running kernel.</summary>
internal static class KernelRelease
{
    /// <summary>As uname -r says it.</summary>
    public static string Text { get; } = Read("/proc/sys/kernel/osrelease");

    /// <summary>Its first two numbers; 0.0 when it has none.</summary>
    public static Version Parse(string release)
    {
        string[] parts = release.Split('.', '-');
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? new Version(major, minor)
            : new Version(0, 0);
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
