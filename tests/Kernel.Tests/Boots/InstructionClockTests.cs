using System.Globalization;
using System.Text.Json;

namespace Coxswain.Kernel.Tests.Boots;

/// <summary>
/// Shares and waits where the clock counts instructions: almost the same in each run, whatever else the host does.
/// <c>SchedulerTests</c> has more of these by time, on each kernel, for which the host must be idle.
/// </summary>
[RunsOn("newest", CountsInstructions = true)]
public sealed class InstructionClockTests(BootedKernel<InstructionClockTests> kernel) : BootTest(kernel), IClassFixture<BootedKernel<InstructionClockTests>>
{
    private const int WarmUpSeconds = 2;
    private const int WindowSeconds = 4;
    private static readonly TimeSpan s_windowLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Equal_tasks_get_the_same_within_a_tenth()
    {
        Holder holder = await AttachAsync();
        Hogs hogs = await Hogs.StartAsync(Guest, 5);

        long[] ran = await Hogs.CpuTimeByGuestClockAsync(WarmUpSeconds, WindowSeconds, hogs);

        Output(string.Join(' ', ran));
        await holder.StopAsync();
        Assert.True(ran.Max() - ran.Min() <= ran.Average() * 0.1, string.Join(' ', ran));
    }

    [Fact]
    public async Task Nice_tasks_get_what_their_weight_says()
    {
        // sched_prio_to_weight: 1024 at nice 0, 335 at nice 5.
        const double Wanted = 1024.0 / 335;
        Holder holder = await AttachAsync();
        Hogs nice = await Hogs.StartAsync(Guest, 4, "exec nice -n 5");
        Hogs usual = await Hogs.StartAsync(Guest, 4);

        long[] ran = await Hogs.CpuTimeByGuestClockAsync(WarmUpSeconds, WindowSeconds, nice, usual);

        double ratio = (double)ran[4..].Sum() / ran[..4].Sum();
        Output($"{ratio:F2} instead of {Wanted:F2}: {string.Join(' ', ran)}");
        await holder.StopAsync();
        Assert.InRange(ratio, Wanted * 0.85, Wanted * 1.15);
    }

    [Fact]
    public async Task Each_class_gets_CPU_within_its_bound_at_four_times_the_load()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        string[] classes = ["latency_critical", "high", "high", "normal", "normal", "low", "background", "background"];
        Hogs hogs = await Hogs.StartAsync(Guest, classes.Length, options: Hogs.WithGaps);
        foreach ((string pid, string name) in (await hogs.PidsAsync()).Zip(classes))
        {
            await holder.AskAsync($"task {pid} {name}");
        }

        long[] ran = await Hogs.CpuTimeByGuestClockAsync(WarmUpSeconds, WindowSeconds, hogs);

        string[] gaps = await GapsAsync(hogs, TimeSpan.FromSeconds(1.1));
        Output(string.Join(", ", classes.Zip(ran, gaps)));
        await holder.StopAsync();
        // The classes were in force.
        Assert.True(ran[5] < ran[3] / 2 && ran[6] < ran[5] / 2 && ran[7] < ran[5] / 2, string.Join(' ', ran));
    }

    [Theory]
    [InlineData(2)] // one has each CPU, and no other normal task ever wants it
    [InlineData(8)]
    public async Task A_background_task_waits_at_most_a_second_beside_endless_normal_work(int others)
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs background = await Hogs.StartAsync(Guest, 2, options: Hogs.WithGaps);
        Hogs normal = await Hogs.StartAsync(Guest, others);
        foreach (string pid in await background.PidsAsync())
        {
            await holder.AskAsync($"task {pid} background");
        }

        long[] ran = await Hogs.CpuTimeByGuestClockAsync(WarmUpSeconds, WindowSeconds, background, normal);

        Output($"{string.Join(' ', ran)}; {string.Join(' ', await GapsAsync(background, TimeSpan.FromSeconds(1)))}");
        await holder.StopAsync();
        // What others leave is all that it is for.
        Assert.True(ran[..2].Sum() < ran.Sum() / 10, string.Join(' ', ran));
    }

    /// <summary>In kernel mode nobody is asked, in strict mode user space decides all: a class means the same.</summary>
    [Theory]
    [InlineData("assist")]
    [InlineData("kernel")]
    [InlineData("strict")]
    public async Task The_higher_its_class_the_sooner_a_task_that_wakes_up_has_run_in_every_mode(string mode)
    {
        const int WorkUs = 4000;
        Holder holder = await AttachAsync();
        await holder.AskAsync($"mode {mode}");
        await Hogs.StartAsync(Guest, 2);
        // Its likes want more than half of the machine: one of them is nearly always there.
        GuestProcess likes = await Guest.StartAsync("exec cox-wake --threads 6 --period-us 20000 --work-us 4000");
        await likes.WriteLineAsync("1000000");
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "waker");
        GuestProcess waker = await Guest.StartAsync($"{cgroup.Enter} cox-wake --period-us 20000 --work-us {WorkUs}");

        Dictionary<string, (double P50, double P99)> done = [];
        foreach (string name in (string[])["normal", "high", "latency_critical", "background"])
        {
            await holder.AskAsync($"cgroup {cgroup.Path} {name}");
            // One that only has what others leave takes long for each.
            int wakeUps = name == "background" ? 20 : 150;
            await waker.AskAsync("3", s_windowLimit);
            JsonElement window = JsonElement.Parse(await waker.AskAsync($"{wakeUps}", s_windowLimit)).GetProperty("done_us");
            done[name] = (window.GetProperty("p50").GetDouble(), window.GetProperty("p99").GetDouble());
        }

        Output(string.Join(", ", done.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Key} p50 {d.Value.P50} p99 {d.Value.P99} us"))));
        await holder.AskAsync($"cgroup {cgroup.Path} none");
        await holder.StopAsync();
        // It has its CPU at once, and keeps it.
        Assert.True(done["latency_critical"].P99 <= WorkUs * 1.15, $"latency_critical p99 {done["latency_critical"].P99} us");
        Assert.True(done["high"].P99 <= done["normal"].P99 * 0.75, $"high p99 {done["high"].P99} us, normal {done["normal"].P99} us");
        Assert.True(done["background"].P50 >= done["normal"].P50 * 10, $"background p50 {done["background"].P50} us, normal {done["normal"].P50} us");
    }

    [Theory]
    [InlineData("assist", "exec")]
    [InlineData("strict", "exec")]
    [InlineData("assist", "exec taskset 2")]
    public async Task Each_of_a_thousand_threads_that_spin_has_its_turn_within_seconds(string mode, string prefix)
    {
        Holder holder = await AttachAsync("--watchdog-ms 20000");
        await holder.AskAsync($"mode {mode}");

        GuestResult spun = await Guest.RunAsync(
            $$"""
            ({{prefix}} cox-hog --count 1000 --threads --gaps --counter /dev/shm/thousand --duration 12) || exit
            od -An -v -t u8 -w64 /dev/shm/thousand | awk '$3 > longest { longest = $3 } END { printf "%d\n", longest / 1000000 }'
            rm /dev/shm/thousand
            """,
            s_windowLimit);

        Assert.True(spun.ExitCode == 0, spun.ToString());
        Output($"the longest time away from the CPU was {spun.LastLine} ms; {await holder.StopAsync()}");
        // A round takes a second; who had twenty such turns at the start, before all were there, has its next one after two.
        Assert.InRange(int.Parse(spun.LastLine, CultureInfo.InvariantCulture), 0, 5_000);
    }

    /// <summary>
    /// With slices that end with the kernel's tick a round of so many takes longer than its watchdog waits, and the watchdog is itself one of those who wait.
    /// </summary>
    [Theory]
    [InlineData("assist")]
    [InlineData("kernel")]
    [InlineData("strict")]
    public async Task Thousands_of_threads_that_spin_on_each_CPU_do_not_end_it(string mode)
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        await holder.AskAsync($"mode {mode}");

        GuestResult spun = await Guest.RunAsync("exec cox-hog --count 3000 --threads --duration 15", s_windowLimit);

        Assert.True(spun.ExitCode == 0, spun.ToString());
        Output($"{spun.Text} {await holder.StopAsync()}");
    }

    [Fact]
    public async Task A_storm_of_preemptions_leaves_the_others_their_share()
    {
        Holder holder = await AttachAsync("--watchdog-ms 5000");
        Hogs hogs = await Hogs.StartAsync(Guest, 3, options: Hogs.WithGaps);
        await using Cgroup cgroup = await Cgroup.CreateAsync(Guest, "urgent");
        await holder.AskAsync($"cgroup {cgroup.Path} latency_critical");
        GuestProcess urgent = await Guest.StartAsync($"{cgroup.Enter} hackbench -g 2 -l 50");

        Assert.Equal(0, await urgent.WaitAsync(TimeSpan.FromMinutes(4)));

        string[] gaps = await GapsAsync(hogs, TimeSpan.FromSeconds(1));
        await holder.AskAsync($"cgroup {cgroup.Path} none");
        Counters counters = await holder.StopAsync();
        Output($"{string.Join(' ', gaps)}; {counters}");
        Assert.True(counters["preempted"] > 100, counters.ToString());
    }

    /// <summary>The longest time in which each did nothing, none of them above a bound.</summary>
    private static async Task<string[]> GapsAsync(Hogs hogs, TimeSpan bound)
    {
        TimeSpan[] gaps = await hogs.LongestGapsAsync();
        string[] text = [.. gaps.Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.TotalMilliseconds:F0} ms"))];
        Assert.True(gaps.All(g => g > TimeSpan.Zero && g <= bound), $"did nothing for {string.Join(", ", text)}");
        return text;
    }

    private static void Output(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
