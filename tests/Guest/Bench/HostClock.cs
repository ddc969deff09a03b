using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Guest.Bench;

/// <summary>
/// How long people wait. In a guest whose clock counts instructions that is not what its clock says; its battery-backed one goes on
/// as the host's does, in whole seconds.
/// </summary>
internal sealed class HostClock
{
    private const string Battery = "/sys/class/rtc/rtc0/since_epoch";
    private static readonly bool s_isBattery = Accelerator.CountsInstructions && File.Exists(Battery);
    private readonly double _begin = Now();

    /// <summary>Since this was made, s.</summary>
    public double Seconds => Now() - _begin;

    private static double Now() => s_isBattery
        ? double.Parse(File.ReadAllText(Battery), CultureInfo.InvariantCulture)
        : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
