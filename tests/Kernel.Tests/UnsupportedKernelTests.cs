using System.Text.Json;

namespace Coxswain.Kernel.Tests;

/// <summary>A kernel that the scheduler cannot run on: it is said what is missing and what to do, and the machine stays as it was.</summary>
public abstract class UnsupportedKernelTests(IBootedKernel kernel)
{
    /// <summary>What a person has to read.</summary>
    protected abstract string Cause { get; }

    /// <summary>And what to do about it.</summary>
    protected virtual string Fix => "Install a kernel";

    private Guest Guest => kernel.Guest;

    [Fact]
    public async Task Doctor_names_cause_and_fix()
    {
        GuestResult result = await Guest.RunAsync("coxswain doctor");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(Cause, result.Text, StringComparison.Ordinal);
        Assert.Contains(Fix, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_scheduler_is_refused_with_cause_and_fix()
    {
        GuestResult result = await Guest.RunAsync("coxswain-guest hold");

        Assert.Equal(1, result.ExitCode);
        string reason = result.Json().GetProperty("reason").GetString()!;
        Assert.Contains(Cause, reason, StringComparison.Ordinal);
        Assert.Contains(Fix, reason, StringComparison.Ordinal);
    }

    /// <summary>It needs no sched_ext.</summary>
    [Fact]
    public async Task The_observer_works_all_the_same()
    {
        GuestResult result = (await Guest.RunAsync(
            """
            coxswain-guest observe --seconds 7 --command '^waker$' >observed &
            observer=$!
            until grep -q observing observed; do usleep 50000; done
            cox-waits waker --seconds 4
            wait $observer && tail -n 1 observed
            """, TimeSpan.FromSeconds(90))).Succeeded();

        string[] lines = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement truth = JsonElement.Parse(lines[0]), seen = JsonElement.Parse(lines[^1]);
        Assert.InRange(seen.GetProperty("waits").GetInt32(), truth.GetProperty("samples").GetInt32(), 10_000);
        // It slept nearly all of the time.
        Assert.InRange(seen.GetProperty("wait_ns").GetDouble(), 1, 1e9);
    }

    /// <summary>What all other tests take for granted of the shell in the guest.</summary>
    [Fact]
    public async Task The_shell_in_the_guest_is_exact()
    {
        GuestResult result = await Guest.RunAsync(@"printf 'frame\n\0\377'; echo ""it's"" >&2; exit 7");
        Assert.Equal(7, result.ExitCode);
        Assert.Equal([.. "frame\n"u8, 0, 255], result.Output);
        Assert.Equal("it's\n", result.ErrorText);

        await using GuestProcess process = await Guest.StartAsync("while read -r line; do echo got $line; done; echo end; exit 5");
        await process.WriteLineAsync("""{"a":"it's \n"}""");
        Assert.Equal("""got {"a":"it's \n"}""", await process.ReadLineAsync());
        await process.CloseInputAsync();
        Assert.Equal("end", await process.ReadLineAsync());
        Assert.Equal(5, await process.WaitAsync());

        Assert.Equal(137, (await Guest.RunAsync("sleep 100", TimeSpan.FromSeconds(1))).ExitCode);
    }
}
