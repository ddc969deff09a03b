using System.Diagnostics;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>
/// Threads that are preempted where they may not migrate: the kernel runs programs of this kind with migration disabled. Who
/// applies verdicts, which takes long, is taken for a thread of the scheduler's own process; who defines a CPU set is a task
/// like any other. Meanwhile another thread changes their CPU masks.
/// </summary>
internal static unsafe partial class PinProbe
{
    private const int MaskBytes = 128;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int tid, nuint size, byte* mask);

    [LibraryImport("libc")]
    private static partial int gettid();

    public static Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        int count = options.Number("--threads", 6, 1, 64);
        int seconds = options.Number("--duration", 5, 1, 600);
        bool definesSets = options.Flag("--define-sets");
        options.End();
        int program = BpfMaps.OpenProgram(definesSets ? "define_set" : "apply_verdicts");
        if (program < 0)
        {
            throw new GuestException("no scheduler of ours is loaded");
        }

        long runs = 0, flips = 0;
        int[] ids = new int[count];
        var limit = Stopwatch.StartNew();
        bool Going() => limit.Elapsed.TotalSeconds < seconds;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            Volatile.Write(ref ids[i], gettid());
            while (Going())
            {
                // Whatever lies in the shared buffer: answered already, so that nearly all of it is refused.
                Batch batch = new() { Count = Batch.Max };
                DefineSet set = new() { CpuSet = 1 };
                LibBpf.TestRunOptions run = default;
                run.Size = (nuint)sizeof(LibBpf.TestRunOptions);
                run.ContextIn = definesSets ? &set : &batch;
                run.ContextSizeIn = (uint)(definesSets ? sizeof(DefineSet) : sizeof(Batch));
                if (LibBpf.bpf_prog_test_run_opts(program, &run) == 0)
                {
                    Interlocked.Increment(ref runs);
                }
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        byte* mask = stackalloc byte[MaskBytes];
        for (int i = 0; Going(); i++)
        {
            new Span<byte>(mask, MaskBytes).Clear();
            mask[0] = (byte)(i % 3 == 0 ? 3 : 1 << (i % 2));
            if (Volatile.Read(ref ids[i % count]) is var tid and > 0 && sched_setaffinity(tid, MaskBytes, mask) == 0)
            {
                flips++;
            }

            Thread.Sleep(1);
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        ProbeJson.Print(json =>
        {
            json.WriteNumber("runs", runs);
            json.WriteNumber("flips", flips);
        });
        return Task.FromResult(runs > 0 && flips > 0 ? ExitCode.Worked : ExitCode.Failed);
    }
}
