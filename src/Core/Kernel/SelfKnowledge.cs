using System.Globalization;
using System.Text;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Core.Kernel;

/// <summary>What the scheduler's shared memory says of waiting, classes and modes, in the words of a snapshot.</summary>
internal static unsafe class SelfKnowledge
{
    private static readonly string[] s_classes = ["system", "background", "low", "normal", "high", "latency_critical"];

    public static WaitingTask? OldestWaiting(State* state, ulong nowNs)
    {
        ulong since = state->OldestSinceNs;
        if (since == 0)
        {
            return null;
        }
        ReadOnlySpan<byte> name = new(&state->OldestComm, sizeof(Notice.TaskName));
        int end = name.IndexOf((byte)0);
        return new WaitingTask(state->OldestPid, Encoding.UTF8.GetString(end < 0 ? name : name[..end]), nowNs > since ? (long)(nowNs - since) : 0);
    }

    public static Dictionary<string, ClassUse> Classes(MappedMap<CpuState> cpus)
    {
        var result = new Dictionary<string, ClassUse>();
        for (int i = 0; i < s_classes.Length; i++)
        {
            ulong run = 0, wait = 0, waits = 0;
            for (int cpu = 0; cpu < cpus.Count; cpu++)
            {
                CpuState* one = cpus.Pointer + cpu;
                run += one->ClassRunNs[i];
                wait += one->ClassWaitNs[i];
                waits += one->ClassWaits[i];
            }
            result[s_classes[i]] = new ClassUse((long)run, (long)wait, (long)waits);
        }
        return result;
    }

    /// <summary>The same of one CPU, or of several that were summed up.</summary>
    public static Dictionary<string, ClassUse> Classes(in CpuState sum)
    {
        var result = new Dictionary<string, ClassUse>();
        for (int i = 0; i < s_classes.Length; i++)
        {
            result[s_classes[i]] = new ClassUse((long)sum.ClassRunNs[i], (long)sum.ClassWaitNs[i], (long)sum.ClassWaits[i]);
        }
        return result;
    }

    /// <param name="state">The scheduler's.</param>
    /// <param name="loops">Dispatch loops; of several the reason says which.</param>
    /// <param name="nowNs">The present.</param>
    public static IReadOnlyList<ModeChange> ModeChanges(State* state, int loops, ulong nowNs)
    {
        var result = new List<ModeChange>();
        ulong count = state->NrModeChanges;
        for (ulong n = count > State.ModeChangeRing.Count ? count - State.ModeChangeRing.Count : 0; n < count; n++)
        {
            ModeChangeRecord record = state->ModeChanges[(int)(n % State.ModeChangeRing.Count)];
            string who = loops == 1 ? "User space" : string.Create(CultureInfo.InvariantCulture, $"Dispatch loop {record.Loop}");
            result.Add(new ModeChange(
                nowNs > record.AtNs ? (long)(nowNs - record.AtNs) : 0,
                record.Mode == Mode.Autonomous ? "autonomous" : "assist",
                record.Reason == ModeReason.Unread ? $"{who} left notices unread for too long." : $"{who} reads notices again.",
                (int)record.Loop));
        }
        return result;
    }

    /// <summary>How often a verdict took how long, by bucket.</summary>
    public static long[] RoundTripBuckets(State* state)
    {
        ReadOnlySpan<ulong> counts = state->RoundTrip;
        var buckets = new long[counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            buckets[i] = (long)counts[i];
        }
        return buckets;
    }
}
