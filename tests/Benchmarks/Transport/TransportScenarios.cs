using System.Diagnostics;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Benchmarks.Transport;

/// <summary>What it costs to read a notice, and to give a batch of verdicts to the kernel in two ways.</summary>
internal static unsafe class TransportScenarios
{
    private const string Scheduler = "none";
    private const int Warmup = 200;
    private const int BatchesPerSample = 16;

    public static IEnumerable<Measurement> Run(string file, int samples)
    {
        using TransportObject? transport = TransportObject.Load(file, out string reason);
        if (transport is null)
        {
            Console.Error.WriteLine($"bench: no figures of the transport: {reason}");
            yield break;
        }
        yield return Ring(transport, samples);
        foreach (int batch in (int[])[1, 16, 256])
        {
            yield return Array(transport, batch, samples);
            yield return UserRing(transport, batch, samples);
        }
    }

    private static Measurement Ring(TransportObject transport, int samples)
    {
        ulong sum = 0;
        double[] ns = Sample(samples, Batch.Max, () => TransportObject.Run(transport.SendNotices, Batch.Max), () =>
        {
            int read = 0;
            for (Notice* notice = transport.Notices.Next(); notice != null; notice = transport.Notices.Next())
            {
                sum += notice->Generation + (ulong)notice->Pid;
                read++;
            }
            transport.Notices.Release();
            Require(read == Batch.Max, "notices were lost");
        });
        Require(sum != 0, "nothing was read");
        return new Measurement("notice_read_256", Scheduler, "cost_per_notice", "ns", ns);
    }

    private static Measurement Array(TransportObject transport, int batch, int samples)
    {
        Verdict* verdicts = transport.Array.Pointer;
        double[] ns = Sample(samples, batch, null, () =>
        {
            for (int i = 0; i < batch; i++)
            {
                verdicts[i] = Made(i);
            }
            Require(TransportObject.Run(transport.TakeFromArray, batch) == batch, "verdicts were lost");
        });
        return new Measurement($"verdict_array_{batch}", Scheduler, "cost_per_verdict", "ns", ns);
    }

    private static Measurement UserRing(TransportObject transport, int batch, int samples)
    {
        double[] ns = Sample(samples, batch, null, () =>
        {
            for (int i = 0; i < batch; i++)
            {
                Require(transport.Answers.TryWrite(Made(i)), "the user ring buffer is full");
            }
            transport.Answers.Publish();
            Require(TransportObject.Run(transport.TakeFromRing, batch) == batch, "verdicts were lost");
        });
        return new Measurement($"verdict_user_ring_{batch}", Scheduler, "cost_per_verdict", "ns", ns);
    }

    private static Verdict Made(int i) => new() { Generation = (ulong)i, StartTimeNs = 1, SliceNs = 1_000_000, Vtime = (ulong)i, Pid = i, Cpu = Verdict.AnyCpu };

    /// <summary>Where nothing has to be prepared for each, a sample is of several batches: the clock counts in steps of up to 100 ns.</summary>
    private static double[] Sample(int samples, int records, Action? prepare, Action body)
    {
        int batches = prepare is null ? BatchesPerSample : 1;
        double[] ns = new double[samples];
        for (int i = -Warmup; i < samples; i++)
        {
            prepare?.Invoke();
            long started = Stopwatch.GetTimestamp();
            for (int batch = 0; batch < batches; batch++)
            {
                body();
            }
            if (i >= 0)
            {
                ns[i] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / batches / records;
            }
        }
        return ns;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
