using System.Buffers.Text;

namespace Coxswain.Core.Kernel;

/// <summary>The fields of /proc/PID/task/TID/stat that are used here; numbers as in proc(5).</summary>
internal ref struct ProcStat
{
    private const uint KernelThread = 0x00200000; // PF_KTHREAD, stable since 2.6

    public int Tid;
    public ReadOnlySpan<byte> Command;
    public char State;
    public int ParentPid;
    public bool IsKernelThread;
    public long RunTicks;
    public int Nice;
    public int ThreadCount;
    public long StartTicks;
    public int Cpu;
    public int Policy;

    /// <summary>Parses one stat line.</summary>
    /// <returns>False when the line is not one, e.g. cut short by a race.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out ProcStat stat)
    {
        stat = default;
        var open = line.IndexOf((byte)'(');
        // The name may hold spaces and parentheses; nothing after it does.
        var close = line.LastIndexOf((byte)')');
        if (open < 2 || close < open || !Utf8Parser.TryParse(line[..open], out stat.Tid, out _))
        {
            return false;
        }

        stat.Command = line[(open + 1)..close];
        return stat.TryParseNumbers(line[(close + 1)..]);
    }

    private bool TryParseNumbers(ReadOnlySpan<byte> rest)
    {
        var field = 2;
        foreach (var range in rest.Split((byte)' '))
        {
            var text = rest[range].TrimEnd((byte)'\n');
            if (text.IsEmpty)
            {
                continue; // the space between the name and field 3
            }

            field++;
            if (field == 3)
            {
                State = (char)text[0];
            }
            else if (IsUsed(field))
            {
                if (!Utf8Parser.TryParse(text, out long value, out var used) || used != text.Length)
                {
                    return false;
                }

                Take(field, value);
            }
        }

        return field >= 41;
    }

    private static bool IsUsed(int field) => field is 4 or 9 or 14 or 15 or 19 or 20 or 22 or 39 or 41;

    private void Take(int field, long value)
    {
        switch (field)
        {
            case 4: ParentPid = (int)value; break;
            case 9: IsKernelThread = ((uint)value & KernelThread) != 0; break;
            case 14: RunTicks = value; break; // user
            case 15: RunTicks += value; break; // system
            case 19: Nice = (int)value; break;
            case 20: ThreadCount = (int)value; break;
            case 22: StartTicks = value; break;
            case 39: Cpu = (int)value; break;
            case 41: Policy = (int)value; break;
            default: break;
        }
    }
}
