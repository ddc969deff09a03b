using System.Text.Json;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>A web server, an encoder with a frame rate, and batch jobs, each with the class that an operator would give it.</summary>
internal sealed class MixedWorkload : Workload
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly Child _web;
    private readonly Child _encoder;
    private readonly Hogs _batch;
    private readonly int _seconds;

    private MixedWorkload(Child web, Child encoder, Hogs batch, int seconds)
    {
        _web = web;
        _encoder = encoder;
        _batch = batch;
        _seconds = seconds;
    }

    public override IReadOnlyList<Wish> Wishes =>
    [
        new Wish([_web.Pid], Wish.LatencyCritical), new Wish([_encoder.Pid], Wish.High), new Wish([.. _batch.Pids], Wish.Background),
    ];

    public static async Task<Workload> StartAsync(BenchOptions options)
    {
        Child web = Child.Start("cox-wake", "--name", "web", "--threads", "4", "--period-us", "20000", "--work-us", "500");
        Child encoder = Child.Start("cox-wake", "--name", "encoder", "--threads", "2", "--period-us", "33000", "--work-us", "8000");
        try
        {
            return new MixedWorkload(web, encoder, await Hogs.StartAsync(2 * Environment.ProcessorCount), options.IsQuick ? 5 : 10);
        }
        catch
        {
            web.Dispose();
            encoder.Dispose();
            throw;
        }
    }

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading before = _batch.Read();
        Task<JsonElement> web = LineProgram.AskAsync(_web, LineProgram.Text(_seconds * 50), s_limit);
        JsonElement frames = await LineProgram.AskAsync(_encoder, LineProgram.Text(_seconds * 30), s_limit);
        JsonElement requests = await web;
        HogReading after = _batch.Read();
        return
        [
            .. LineProgram.Percentiles(requests, "done_us", "web_"),
            new Sample("frames_late", "%", 100.0 * frames.GetProperty("missed").GetInt64() / frames.GetProperty("samples").GetInt64()),
            new Sample("batch_throughput", "units/s", after.UnitsPerSecondSince(before)),
        ];
    }

    public override void Dispose()
    {
        _web.Dispose();
        _encoder.Dispose();
        _batch.Dispose();
    }
}
