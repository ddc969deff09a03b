using System.Diagnostics;
using Coxswain.Core.Dispatch;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;
using Coxswain.Core.Policies;

namespace Coxswain.Guest.Probes;

/// <summary>Answers the kernel side with verdicts of which each is wrong in one way; all must be refused, none may hurt.</summary>
internal static unsafe class FuzzProbe
{
    /// <summary>What a verdict is made wrong in. Left: right in itself, but its task has been answered already.</summary>
    private enum Fault
    {
        DeadTask,
        Generation,
        StartTime,
        SliceTooShort,
        SliceTooLong,
        CpuBeyondMachine,
        CpuNegative,
        Left,
    }

    public static Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        int count = options.Number("--count", 100_000, 1, 100_000_000);
        int seed = options.Number("--seed", Environment.TickCount & int.MaxValue, 0, int.MaxValue);
        options.End();
        var random = new Random(seed);
        using BtfData types = new Doctor().ReadKernelTypes()!;
        using SchedulerProgram program = SchedulerProgram.Load(new SchedulerOptions(), types);
        using var port = new BpfPort(program, 0);
        program.Attach();
        int sent = Send(port, random, count);
        SchedulerExit? error = program.ReadExit();
        Dictionary<string, long> counters = SchedulerCounters.Sum(program.Cpus);
        program.Detach();
        long refused = counters.Where(c => c.Key.StartsWith("refused_", StringComparison.Ordinal)).Sum(c => c.Value);
        bool holds = sent == count && error is null && counters["verdicts"] == sent
            && refused + counters["moved"] + counters["moved_late"] == sent;
        ProbeJson.Print(json =>
        {
            json.WriteNumber("seed", seed);
            json.WriteNumber("sent", sent);
            json.WriteNumber("refused", refused);
            json.WriteNumber("scheduler_errors", error is null ? 0 : 1);
            json.WriteString("error", error is null ? "" : $"{error.Reason}: {error.Message}");
            json.WriteMap("counters", counters);
            json.WriteBoolean("holds", holds);
        });
        return Task.FromResult(holds ? ExitCode.Worked : ExitCode.Failed);
    }

    private static int Send(BpfPort port, Random random, int count)
    {
        Notice latest = default;
        var limit = Stopwatch.StartNew();
        int sent = 0;
        while (sent < count && limit.Elapsed < TimeSpan.FromMinutes(5))
        {
            DispatchContext context = default;
            port.Refresh(ref context);
            for (Notice* notice = port.NextNotice(); notice != null; notice = port.NextNotice())
            {
                latest = *notice;
            }

            port.EndRead(context.NowNs);
            int batch = Math.Min(random.Next(1, port.VerdictCapacity + 1), count - sent);
            for (int i = 0; i < batch; i++)
            {
                port.Verdicts[i] = Wrong(latest, context, (Fault)random.Next((int)Fault.Left + 1), random);
            }

            port.Apply(batch);
            sent += batch;
        }

        return sent;
    }

    private static Verdict Wrong(in Notice notice, in DispatchContext context, Fault fault, Random random)
    {
        var verdict = new Verdict
        {
            Generation = notice.Generation,
            StartTimeNs = notice.StartTimeNs,
            Pid = notice.Pid,
            Cpu = Verdict.AnyCpu,
            SliceNs = 5_000_000,
            Vtime = random.Next(4) == 0 ? (ulong)random.NextInt64() : context.VtimeNow,
        };
        switch (fault)
        {
            case Fault.DeadTask:
                verdict.Pid = random.Next(2) == 0 ? -random.Next() : random.Next(4_194_304, int.MaxValue);
                break;
            case Fault.Generation:
                verdict.Generation += (ulong)random.NextInt64(1, long.MaxValue);
                break;
            case Fault.StartTime:
                verdict.StartTimeNs ^= (ulong)random.NextInt64(1, long.MaxValue);
                break;
            case Fault.SliceTooShort:
                verdict.SliceNs = (ulong)random.Next(0, 100_000);
                break;
            case Fault.SliceTooLong:
                verdict.SliceNs = (ulong)random.NextInt64(100_000_001, long.MaxValue);
                break;
            case Fault.CpuBeyondMachine:
                verdict.Cpu = random.Next(CpuList.PossibleIds(), int.MaxValue);
                break;
            case Fault.CpuNegative:
                verdict.Cpu = -random.Next(2, int.MaxValue);
                break;
            case Fault.Left:
                break; // the first time it may be taken; from then on the task has left
        }

        return verdict;
    }
}
