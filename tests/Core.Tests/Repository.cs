namespace Coxswain.Core.Tests;

/// <summary>Files of the source tree.</summary>
internal static class Repository
{
    /// <summary>Full path of a file, given from the root of the repository.</summary>
    public static string File(string path)
    {
        string directory = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(directory, "Coxswain.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("Not run from within the repository.");
        }
        return Path.Combine(directory, path);
    }
}
