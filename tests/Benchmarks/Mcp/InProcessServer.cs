using System.Buffers;
using System.IO.Pipelines;
using Coxswain.Core.Kernel;
using Coxswain.Core.Safety;
using Coxswain.Mcp.Configuration;
using Coxswain.Mcp.Hosting;
using Coxswain.Mcp.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Coxswain.Benchmarks.Mcp;

/// <summary>The server as it is, with the simulated kernel, over pipes in memory: what a call allocates can be counted, and none of it is the client's.</summary>
internal sealed class InProcessServer : IDisposable
{
    private const int MostCallsPerMinute = 10_000_000;
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new();
    private readonly ServiceProvider _services;

    public InProcessServer()
    {
        var settings = new Settings
        {
            Limits = OperatorLimits.Default with { MaxChangesPerMinute = MostCallsPerMinute, ConfirmAboveTasks = MostCallsPerMinute, ConfirmAbovePods = MostCallsPerMinute },
        };
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning))
            .AddSingleton<TimeProvider>(new StoppedClock())
            .AddSimulatedScheduler(new SchedulerOptions(), settings)
            .AddControl(settings);
        services.AddToolServer().WithStreamServerTransport(_toServer.Reader.AsStream(), _toClient.Writer.AsStream());
        _services = services.BuildServiceProvider();
        foreach (IHostedService service in _services.GetServices<IHostedService>())
        {
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>Sends a request, and waits for a line of answer.</summary>
    /// <param name="line">With its end.</param>
    /// <returns>The answer's length in bytes.</returns>
    public int Exchange(byte[] line)
    {
        line.CopyTo(_toServer.Writer.GetSpan(line.Length));
        _toServer.Writer.Advance(line.Length);
        Wait(_toServer.Writer.FlushAsync());
        while (true)
        {
            ReadResult read = Wait(_toClient.Reader.ReadAsync());
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                SequencePosition after = read.Buffer.GetPosition(1, end);
                int length = (int)read.Buffer.Slice(0, after).Length;
                _toClient.Reader.AdvanceTo(after);
                return length;
            }

            _toClient.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public void Dispose()
    {
        _toServer.Writer.Complete();
        foreach (IHostedService service in _services.GetServices<IHostedService>().Reverse())
        {
            service.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static T Wait<T>(ValueTask<T> task) => task.IsCompleted ? task.Result : task.AsTask().GetAwaiter().GetResult();

    // No time passes that would have to be simulated: a call costs the same on a slow machine.
    private sealed class StoppedClock : TimeProvider
    {
        private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => 0;
    }
}
