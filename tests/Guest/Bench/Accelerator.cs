namespace Coxswain.Guest.Bench;

/// <summary>What this machine's CPUs are, as <c>vm/run</c> tells its guests.</summary>
internal static class Accelerator
{
    private const string File = "/run/vm/accelerator";

    /// <summary>kvm, tcg (emulated), icount (emulated, the clock counts instructions); empty outside of such guests.</summary>
    public static string Name { get; } = System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File) : "";

    /// <summary>True where the same work takes the same time again.</summary>
    public static bool CountsInstructions => Name == "icount";
}
