using Coxswain.Mcp.Access;

namespace Coxswain.Mcp.Configuration;

/// <summary>Where the configuration comes from: a file, and the switches of the command line.</summary>
/// <param name="file">Reads the file.</param>
/// <param name="commandLine">What the command line takes away.</param>
internal sealed class SettingsSource(Func<Settings> file, ToolSwitches commandLine)
{
    /// <summary>Settings that do not change.</summary>
    public static SettingsSource Fixed(Settings settings) => new(() => settings, new ToolSwitches());

    /// <summary>Reads it.</summary>
    /// <exception cref="SettingsException">Something in it cannot be used.</exception>
    public Settings Read()
    {
        var settings = file();
        return settings with { Tools = settings.Tools.And(commandLine) };
    }
}
