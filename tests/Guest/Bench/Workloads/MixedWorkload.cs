using System.Text.Json;
using Coxswain.Guest.Demo;

namespace Coxswain.Guest.Bench;

/// <summary>A web server, an encoder with a frame rate, and batch jobs, each in a cgroup of its own as pods are, with the class that an operator would give it.</summary>
internal sealed class MixedWorkload : Workload
{
    private const int RequestsPerSecond = 50;
    private const int FramesPerSecond = 30;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly CgroupLauncher[] _cgroups;
    private readonly IProgram _web;
    private readonly IProgram _encoder;
    private readonly Hogs _batch;
    private readonly int _seconds;

    private MixedWorkload(CgroupLauncher[] cgroups, IProgram web, IProgram encoder, Hogs batch, int seconds)
    {
        _cgroups = cgroups;
        _web = web;
        _encoder = encoder;
        _batch = batch;
        _seconds = seconds;
    }

    public override IReadOnlyList<Wish> Wishes =>
    [
        new Wish([.. _web.Pids], Wish.LatencyCritical) { Cgroup = _cgroups[0].Path }, new Wish([.. _encoder.Pids], Wish.High) { Cgroup = _cgroups[1].Path },
        new Wish([.. _batch.Pids], Wish.Background) { Cgroup = _cgroups[2].Path },
    ];

    public static async Task<Workload> StartAsync(BenchOptions options)
    {
        CgroupLauncher[] cgroups = [new("bench-web"), new("bench-encoder"), new("bench-batch")];
        List<IDisposable> started = [];
        try
        {
            IProgram web = await cgroups[0].StartAsync(Hogs.Home, "cox-wake", "--name", "web", "--threads", "4", "--period-us", "20000", "--work-us", "500");
            started.Add(web);
            IProgram encoder = await cgroups[1].StartAsync(Hogs.Home, "cox-wake", "--name", "encoder", "--threads", "2", "--period-us", "33000", "--work-us", "8000");
            started.Add(encoder);
            Hogs batch = await Hogs.StartAsync(2 * Environment.ProcessorCount, cgroups[2]);
            return new MixedWorkload(cgroups, web, encoder, batch, options.IsQuick ? 5 : 10);
        }
        catch
        {
            started.ForEach(program => program.Dispose());
            Array.ForEach(cgroups, cgroup => cgroup.Dispose());
            throw;
        }
    }

    public override Task WarmUpAsync() => RunAsync(seconds: 1);

    public override async Task<IReadOnlyList<Sample>> MeasureAsync(IRunning running)
    {
        HogReading before = _batch.Read();
        (JsonElement requests, JsonElement frames) = await RunAsync(_seconds);
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
        Array.ForEach(_cgroups, cgroup => cgroup.Dispose());
    }

    private async Task<(JsonElement Requests, JsonElement Frames)> RunAsync(int seconds)
    {
        Task<JsonElement> web = LineProgram.AskAsync(_web, LineProgram.Text(seconds * RequestsPerSecond), s_limit);
        JsonElement frames = await LineProgram.AskAsync(_encoder, LineProgram.Text(seconds * FramesPerSecond), s_limit);
        return (await web, frames);
    }
}
