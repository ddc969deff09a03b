using System.Globalization;

namespace Coxswain.Guest.Bench;

/// <summary>Groups of senders and receivers on sockets: nothing but wake-ups and switches, and many of them.</summary>
internal sealed class HackbenchWorkload : Workload
{
    /// <summary>Messages of each sender in a measurement.</summary>
    public const int Loops = 300;

    /// <summary>And before.</summary>
    public const int WarmupLoops = 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    public override async Task WarmUpAsync() => await RunAsync(WarmupLoops);

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running) => [new Sample("time", "s", await RunAsync(Loops))];

    /// <returns>Seconds.</returns>
    public static async Task<double> RunAsync(int loops)
    {
        using Child child = Child.Start("hackbench", "-g", "4", "-l", LineProgram.Text(loops));
        for (; ; )
        {
            string line = await child.ReadLineAsync(s_limit);
            if (line.StartsWith("Time:", StringComparison.Ordinal))
            {
                return double.Parse(line.AsSpan(5), CultureInfo.InvariantCulture);
            }
        }
    }

    public override void Dispose()
    {
    }
}
