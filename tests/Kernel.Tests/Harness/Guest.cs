using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coxswain.Kernel.Tests.Harness;

/// <summary>A booted guest and a shell in it.</summary>
public sealed class Guest : IAsyncDisposable
{
    /// <summary>What a script may take when nothing is said. An emulated CPU under load needs seconds for what takes milliseconds elsewhere.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How much longer than the guest's own limit the host waits: the guest then hangs, whatever its clock says.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(60);

    private const int ControlPriority = 10;

    // A kernel that is emulated on a busy machine may measure its clock wrong while it boots, by several times; every limit
    // in the guest is then over at once. That says nothing of what is tested: such a guest is booted anew.
    private const int MaxBoots = 3;
    private const double FastestClock = 1.3;

    // Real-time, as what starts and waits for others is no part of a test: under the load and the scheduler of a test it would
    // need seconds for that.
    private const string Shell = "mkdir /run/tests && cd /run/tests && exec chrt --fifo 10 cox-shell serve";

    // khugepaged runs at nice 19 and copies two megabytes as one reader of RCU, 20 ms of an emulated CPU. Beside a dozen hogs the
    // kernel's own scheduler, too, takes longer over that than the kernel allows, so that a test could be blamed for it that
    // has not even attached ours. The test that is about such readers wakes it up.
    private const string KeepHugePagesAsTheyAre =
        "file=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs; [ ! -e $file ] || echo 36000000 >$file";

    // Tests measure what harms others on purpose; the daemon's own guard would take it back. Its own tests switch it on.
    private const string KeepChangesThatHarm = "mkdir -p /etc/coxswain && printf '[guard]\\nenabled = false\\n' >/etc/coxswain/config.toml";

    private readonly VmProcess _vm;
    private readonly string _marker;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly List<GuestProcess> _processes = [];
    private string? _death;

    private Guest(string series, VmProcess vm, KernelLog log, string marker)
    {
        Series = series;
        _vm = vm;
        Log = log;
        _marker = marker;
    }

    /// <summary>As asked for: 6.18, oldest or newest.</summary>
    public string Series { get; }

    /// <summary>As uname -r says it.</summary>
    public string Release { get; private set; } = "";

    /// <summary>Major and minor number of <see cref="Release"/>.</summary>
    public Version Version => Version.Parse(string.Join('.', Release.Split('.', '-')[..2]));

    public KernelLog Log { get; }

    /// <summary>Boots a kernel.</summary>
    /// <param name="series">Which: 6.18, oldest or newest.</param>
    /// <param name="options">More options of vm/run.</param>
    /// <exception cref="GuestException">It did not boot; the message is vm/run's.</exception>
    public static async Task<Guest> BootAsync(string series, IReadOnlyList<string> options)
    {
        for (int boot = 1; ; boot++)
        {
            Guest guest = await BootOnceAsync(series, options);
            // A clock that counts instructions has no pace.
            double pace = options.Contains(RunsOnAttribute.CountInstructions) ? 1 : await guest.ClockPaceAsync();
            if (pace < FastestClock)
            {
                return guest;
            }

            await guest.DisposeAsync();
            if (boot == MaxBoots)
            {
                throw new GuestException($"the clock of the guest {series} runs {pace:F1} times too fast, in {MaxBoots} boots: no limit of time means anything in it");
            }
        }
    }

    private static async Task<Guest> BootOnceAsync(string series, IReadOnlyList<string> options)
    {
        var log = new KernelLog();
        string marker = $"frame-{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}";
        var guest = new Guest(series, VmProcess.Start(series, options, $"{Shell} {marker}", log), log, marker);
        try
        {
            // vm/run tries three times, and may have to fetch the kernel first.
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(15));
            await guest.ReadMarkedLineAsync(limit.Token);
            guest.Release = (await guest.RunAsync("uname -r")).Succeeded().LastLine;
            (await guest.ControlAsync(KeepHugePagesAsTheyAre)).Succeeded();
            (await guest.ControlAsync(KeepChangesThatHarm)).Succeeded();
            return guest;
        }
        catch
        {
            await guest.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a script, as everybody's processes run, and waits for its end.</summary>
    /// <exception cref="GuestException">The guest is dead, or hangs.</exception>
    public Task<GuestResult> RunAsync(string script, TimeSpan? limit = null) => RunAsync(script, priority: 0, limit);

    /// <summary>Runs a short script that is no part of what is tested: real-time, so that it neither waits nor is scheduled by us.</summary>
    /// <exception cref="GuestException">The guest is dead, or hangs.</exception>
    public Task<GuestResult> ControlAsync(string script, TimeSpan? limit = null) => RunAsync(script, ControlPriority, limit);

    /// <summary>Starts a command in the background, with its own standard input and output.</summary>
    public async Task<GuestProcess> StartAsync(string command)
    {
        GuestProcess process = await GuestProcess.StartAsync(this, _processes.Count, command);
        _processes.Add(process);
        return process;
    }

    /// <summary>Kills what tests have left running.</summary>
    public async Task KillProcessesAsync()
    {
        string[] kills = [.. _processes.Where(p => !p.HasEnded).Select(p => p.Kill())];
        if (kills.Length > 0)
        {
            await ControlAsync($"{string.Join("; ", kills)}; true");
        }
    }

    /// <summary>Runs a script as <see cref="ControlAsync"/> does, and waits until all that the kernel has said by its end is in <see cref="Log"/>.</summary>
    /// <param name="script">What to run; it must succeed.</param>
    /// <param name="text">Appears in the kernel's log after it.</param>
    public async Task<GuestResult> MarkLogAsync(string script, string text)
    {
        int from = Log.Position;
        string mark = $"test mark {Guid.NewGuid():N}";
        GuestResult result = (await ControlAsync($"{script}\necho '{text} ({mark})' >/dev/kmsg")).Succeeded();
        for (int i = 0; i < 200 && !Log.From(from).Any(l => l.Contains(mark, StringComparison.Ordinal)); i++)
        {
            await Task.Delay(50);
        }

        return result;
    }

    public async ValueTask DisposeAsync()
    {
        _death ??= "the guest has been shut down";
        await _vm.DisposeAsync();
        _one.Dispose();
    }

    /// <summary>How much faster the guest's clock runs than ours, at least; about 1 when it is right.</summary>
    private async Task<double> ClockPaceAsync()
    {
        long started = Stopwatch.GetTimestamp();
        double before = await UptimeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        double after = await UptimeAsync();
        return (after - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;

        async Task<double> UptimeAsync() =>
            double.Parse((await ControlAsync("cut -d' ' -f1 /proc/uptime")).Succeeded().LastLine, CultureInfo.InvariantCulture);
    }

    private async Task<GuestResult> RunAsync(string script, int priority, TimeSpan? limit)
    {
        TimeSpan guestLimit = limit ?? Patience;
        await _one.WaitAsync();
        try
        {
            if (_death is not null)
            {
                throw new GuestException(_death);
            }

            using var hostLimit = new CancellationTokenSource(guestLimit + s_grace);
            await _vm.WriteAsync(
                string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(guestLimit.TotalSeconds)} {priority} {Encoding.UTF8.GetByteCount(script)}\n{script}"),
                hostLimit.Token);
            string[] frame = (await ReadMarkedLineAsync(hostLimit.Token)).Split(' ');
            byte[] output = await ReadBlockAsync(frame[2], hostLimit.Token);
            byte[] error = await ReadBlockAsync(frame[3], hostLimit.Token);
            return new GuestResult(script, int.Parse(frame[1], CultureInfo.InvariantCulture), output, error);
        }
        catch (IOException)
        {
            throw await DiedAsync();
        }
        catch (OperationCanceledException)
        {
            _death = $"the guest {Series} hangs: no answer for {guestLimit + s_grace} to: {script}\n{Tail()}";
            throw new GuestException(_death);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<string> ReadMarkedLineAsync(CancellationToken cancellation)
    {
        string line = await _vm.Reader.ReadLineAsync(cancellation) ?? throw await DiedAsync();
        return line.StartsWith(_marker, StringComparison.Ordinal)
            ? line
            : throw new GuestException($"unexpected output of the guest's shell: {line}");
    }

    private async Task<byte[]> ReadBlockAsync(string length, CancellationToken cancellation) =>
        await _vm.Reader.ReadBlockAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellation) ?? throw await DiedAsync();

    private async Task<GuestException> DiedAsync()
    {
        _death = $"{await _vm.EndAsync()}\n{Tail()}";
        return new GuestException(_death);
    }

    private string Tail() => $"the kernel's last words:\n{string.Join('\n', Log.From(Math.Max(0, Log.Position - 200)))}";
}
