using System.Globalization;

namespace Coxswain.Guest.Bench;

/// <summary>Groups of senders and receivers on sockets: nothing but wake-ups and switches, and many of them.</summary>
internal sealed class HackbenchWorkload : Workload
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        using Child child = Child.Start("hackbench", "-g", "4", "-l", "300");
        for (; ; )
        {
            string line = await child.ReadLineAsync(s_limit);
            if (line.StartsWith("Time:", StringComparison.Ordinal))
            {
                return [new Sample("time", "s", double.Parse(line.AsSpan(5), CultureInfo.InvariantCulture))];
            }
        }
    }

    public override void Dispose()
    {
    }
}
