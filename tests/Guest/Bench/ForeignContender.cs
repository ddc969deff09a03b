using System.Diagnostics;

namespace Coxswain.Guest.Bench;

/// <summary>Another sched_ext scheduler: a command that attaches it and detaches it when it is interrupted.</summary>
internal sealed class ForeignContender(string command) : Contender(Path.GetFileName(command.Split(' ')[0]), grantsWishes: false)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public override async Task<IRunning> StartAsync(BenchOptions options)
    {
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec {command}"]) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { }; // read, so that it never waits for a reader
        process.BeginOutputReadLine();
        var running = new Running(process, Name);
        if (await KernelState.WaitForAsync("enabled", s_limit) != "enabled")
        {
            await running.DisposeAsync();
            throw new GuestException($"'{command}' did not attach a scheduler within {s_limit.TotalSeconds} s");
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
