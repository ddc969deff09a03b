namespace Coxswain.Kernel.Tests;

public abstract partial class SchedulerTests(IBootedKernel kernel) : KernelTest(kernel)
{
    [Fact]
    public async Task Harness_works()
    {
        var r = await Guest.RunAsync("printf 'a\\n\\0b'; echo frame >&2; exit 7");
        Assert.Equal(7, r.ExitCode);
        Assert.Equal("a\n\0b"u8.ToArray(), r.Output);
        Assert.Equal("frame\n", r.ErrorText);
        await using var p = await Guest.StartAsync("while read -r l; do echo got $l; done; echo end; exit 5");
        await p.WriteLineAsync("x 'y'");
        Assert.Equal("got x 'y'", await p.ReadLineAsync());
        await p.CloseInputAsync();
        Assert.Equal("end", await p.ReadLineAsync());
        Assert.Equal(5, await p.WaitAsync());
        Assert.Equal(137, (await Guest.RunAsync("sleep 10", TimeSpan.FromSeconds(1))).ExitCode);
    }
}
