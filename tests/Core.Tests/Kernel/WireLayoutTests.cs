using System.Reflection;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Kernel.Wire;
using Xunit;

namespace Coxswain.Core.Tests.Kernel;

/// <summary>Every struct of bpf/wire.h, as the compiler laid it out in the BPF object, beside its C# mirror.</summary>
public sealed class WireLayoutTests
{
    private static readonly BtfData s_scheduler = SchedulerProgram.ObjectBtf();
    private static readonly BtfData s_events = EventProgram.ObjectBtf();

    public static TheoryData<string, Type> Mirrors => new()
    {
        { "cox_notice", typeof(Notice) },
        { "cox_verdict", typeof(Verdict) },
        { "cox_batch", typeof(Batch) },
        { "cox_directive", typeof(Directive) },
        { "cox_control", typeof(Control) },
        { "cox_loop", typeof(LoopState) },
        { "cox_state", typeof(State) },
        { "cox_cpu", typeof(CpuState) },
        { "cox_exit", typeof(ExitRecord) },
        { "cox_mode_change", typeof(ModeChangeRecord) },
        { "cox_home", typeof(Home) },
        { "cox_define_set", typeof(DefineSet) },
        { "cox_task_event", typeof(TaskEventRecord) },
        { "cox_event_control", typeof(EventControl) },
        { "cox_event_state", typeof(EventState) },
    };

    [Theory]
    [MemberData(nameof(Mirrors))]
    public void Size_and_offsets_are_those_of_the_built_object(string structure, Type mirror)
    {
        BtfData built = s_scheduler.SizeOfStruct(structure) < 0 ? s_events : s_scheduler;
        Assert.Equal(built.SizeOfStruct(structure), Marshal.SizeOf(mirror));
        IReadOnlyDictionary<string, BtfMember> members = built.Members(structure)!;
        FieldInfo[] fields = mirror.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Assert.Equal(members.Keys.Select(PascalCase).Order(), fields.Select(f => f.Name).Order());
        foreach ((string name, BtfMember member) in members)
        {
            FieldInfo field = fields.Single(f => f.Name == PascalCase(name));
            Assert.Equal(member.Offset, (int)Marshal.OffsetOf(mirror, field.Name));
            Assert.Equal(member.Size, Marshal.SizeOf(field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType));
        }
    }

    [Fact]
    public void Every_struct_that_crosses_the_border_has_a_mirror()
    {
        IEnumerable<string> wire = HeaderLines()
            .Where(l => l.StartsWith("struct cox_", StringComparison.Ordinal))
            .Select(l => l["struct ".Length..].Split(' ', '{')[0]);
        Assert.Equal(wire.Order(), Mirrors.Select(m => m.Data.Item1).Order());
    }

    [Theory]
    [InlineData("COX_CLASS_BACKGROUND", (uint)SchedulingClass.Background)]
    [InlineData("COX_CLASS_LOW", (uint)SchedulingClass.Low)]
    [InlineData("COX_CLASS_NORMAL", (uint)SchedulingClass.Normal)]
    [InlineData("COX_CLASS_HIGH", (uint)SchedulingClass.High)]
    [InlineData("COX_CLASS_LATENCY_CRITICAL", (uint)SchedulingClass.LatencyCritical)]
    [InlineData("COX_MODE_AUTONOMOUS", (uint)Mode.Autonomous)]
    [InlineData("COX_BATCH_MAX", Batch.Max)]
    [InlineData("COX_MAX_CPUS", CpuState.Max)]
    [InlineData("COX_CPU_ANY", Verdict.AnyCpu)]
    [InlineData("COX_CLASSES", CpuState.ClassCounters.Count)]
    [InlineData("COX_MODE_CHANGES", State.ModeChangeRing.Count)]
    [InlineData("COX_REASON_UNREAD", (uint)ModeReason.Unread)]
    [InlineData("COX_REASON_BEATS", (uint)ModeReason.Beats)]
    [InlineData("COX_CPU_WORDS", Home.CpuBits.Words)]
    [InlineData("COX_MAX_LLCS", Home.MaxLlcs)]
    [InlineData("COX_MAX_CPU_SETS", Home.MaxCpuSets)]
    [InlineData("COX_MAX_HOMES", Home.Max)]
    [InlineData("COX_MAX_LOOPS", LoopState.Max)]
    [InlineData("COX_EVENT_RING_BYTES", EventProgram.RingBytes)]
    [InlineData("COX_EVENT_FORK", (uint)TaskEventKind.Fork)]
    [InlineData("COX_EVENT_EXEC", (uint)TaskEventKind.Exec)]
    [InlineData("COX_EVENT_RENAME", (uint)TaskEventKind.Rename)]
    [InlineData("COX_EVENT_EXIT", (uint)TaskEventKind.Exit)]
    [InlineData("COX_EVENT_MOVE", (uint)TaskEventKind.Move)]
    [InlineData("COX_HOME_LLC", (uint)HomeKind.Llc)]
    [InlineData("COX_HOME_SOFT", (uint)HomeKind.Soft)]
    [InlineData("COX_HOME_HARD", (uint)HomeKind.Hard)]
    public void Constants_are_those_of_the_header(string name, long value)
    {
        string line = HeaderLines()
            .Single(l => l.Trim().StartsWith(name + " = ", StringComparison.Ordinal) || l.StartsWith($"#define {name} ", StringComparison.Ordinal));
        string text = line[(line.IndexOf(name, StringComparison.Ordinal) + name.Length)..].Trim(' ', '=').Split(' ', ',')[0].Trim('(', ')');
        Assert.Equal(value, long.Parse(text, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> HeaderLines() =>
        File.ReadLines(Repository.File("bpf/wire.h")).Concat(File.ReadLines(Repository.File("bpf/events.h")));

    private static string PascalCase(string name) =>
        string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
