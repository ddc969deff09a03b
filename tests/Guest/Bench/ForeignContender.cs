using System.Diagnostics;

namespace Coxswain.Guest.Bench;

/// <summary>Another sched_ext scheduler: a command that attaches it and detaches it when it is interrupted.</summary>
internal sealed class ForeignContender(string command) : Contender(Path.GetFileName(command.Split(' ')[0]), grantsWishes: false)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public override async Task<IRunning> StartAsync(BenchOptions options)
    {
        // Its input stays open, as a terminal's would, and nothing comes in.
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec {command}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { }; // read, so that it never waits for a reader
        process.BeginOutputReadLine();
        var running = new Running(process, Name);
        var waited = Stopwatch.StartNew();
        while (KernelState.State != "enabled")
        {
            if (process.HasExited || waited.Elapsed > s_limit)
            {
                string how = process.HasExited ? $"ended with code {process.ExitCode}" : $"took longer than {s_limit.TotalSeconds} s";
                await running.DisposeAsync();
                throw new GuestException($"'{command}' attached no scheduler: it {how}");
            }
            await Task.Delay(20);
        }
        return running;
    }

    private sealed class Running(Process process, string name) : IRunning
    {
        public Demo.Agent? Agent => null;

        public Child? Core => null;

        public Task GrantAsync(IReadOnlyList<Wish> wishes) => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited)
            {
                HandTuning.Signal(process.Id, HandTuning.Interrupt);
            }
            string state = await KernelState.WaitForAsync("disabled", s_limit);
            process.Dispose();
            if (state != "disabled")
            {
                throw new GuestException($"{name} did not detach within {s_limit.TotalSeconds} s of an interrupt");
            }
        }
    }
}
