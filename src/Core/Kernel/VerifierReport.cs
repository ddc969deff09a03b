using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Coxswain.Core.Kernel;

/// <summary>What the kernel's verifier had to do for each program of an object; its limits are what a change may run into.</summary>
internal sealed unsafe partial class VerifierReport : IDisposable
{
    /// <summary>Only the statistics, a few lines.</summary>
    private const uint LogStatistics = 4;
    private const int LogBytes = 4096;

    private readonly List<(nint Program, nint Log)> _programs = [];
    private readonly Dictionary<string, VerifierCost> _costs = [];

    /// <summary>By name of the program.</summary>
    public IReadOnlyDictionary<string, VerifierCost> Costs => _costs;

    /// <summary>Asks for the statistics of all programs of an object that is about to be loaded.</summary>
    public void Prepare(void* obj)
    {
        for (void* program = LibBpf.bpf_object__next_program(obj, null); program != null; program = LibBpf.bpf_object__next_program(obj, program))
        {
            if (!LibBpf.bpf_program__autoload(program))
            {
                continue;
            }
            nint log = (nint)NativeMemory.AllocZeroed(LogBytes);
            _programs.Add(((nint)program, log));
            _ = LibBpf.bpf_program__set_log_level(program, LogStatistics);
            _ = LibBpf.bpf_program__set_log_buf(program, (byte*)log, LogBytes);
        }
    }

    /// <summary>Reads the statistics of the loaded programs.</summary>
    /// <exception cref="InvalidDataException">The kernel tells them otherwise than expected.</exception>
    public void Collect()
    {
        foreach ((nint program, nint log) in _programs)
        {
            string name = Marshal.PtrToStringUTF8((nint)LibBpf.bpf_program__name((void*)program)) ?? "";
            VerifierCost cost = Parse(Marshal.PtrToStringUTF8(log) ?? "");
            ProgramInfo info = default;
            uint size = (uint)sizeof(ProgramInfo);
            if (LibBpf.bpf_obj_get_info_by_fd(LibBpf.bpf_program__fd((void*)program), &info, &size) != 0 || info.VerifiedInstructions != cost.Instructions)
            {
                throw new InvalidDataException($"{name}: the log says {cost.Instructions} instructions, the kernel's record {info.VerifiedInstructions}.");
            }
            _costs[name] = cost;
        }
    }

    /// <summary>Reads the line of the verifier's log that sums up.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    internal static VerifierCost Parse(string log)
    {
        Match match = Summary().Match(log);
        return match.Success
            ? new VerifierCost(Number(match.Groups[1]), Number(match.Groups[2]), Number(match.Groups[3]))
            : throw new InvalidDataException($"No statistics in the verifier's log: {log}");
    }

    public void Dispose()
    {
        foreach ((_, nint log) in _programs)
        {
            NativeMemory.Free((void*)log);
        }
        _programs.Clear();
    }

    private static int Number(Group group) => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"processed (\d+) insns \(limit \d+\) max_states_per_insn \d+ total_states (\d+) peak_states (\d+)")]
    private static partial Regex Summary();

    /// <summary><c>struct bpf_prog_info</c>, as far as it is used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 232)]
    private struct ProgramInfo
    {
        [FieldOffset(216)]
        public uint VerifiedInstructions;
    }
}
