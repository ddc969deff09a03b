using System.Reflection;
using System.Runtime.InteropServices;
using Coxswain.Core.Kernel.Btf;
using Coxswain.Core.Observe;
using Coxswain.Core.Observe.Wire;
using Xunit;

namespace Coxswain.Core.Tests.Observe;

/// <summary>Every struct of bpf/observer.h, as the compiler laid it out in the BPF object, beside its C# mirror.</summary>
public sealed class ObserverLayoutTests
{
    private static readonly BtfData s_object = ObserverProgram.ObjectBtf();

    public static TheoryData<string, Type> Mirrors => new()
    {
        { "cox_obs_task", typeof(TaskRecord) },
        { "cox_obs_histogram", typeof(HistogramRecord) },
        { "cox_obs_pair", typeof(PairRecord) },
        { "cox_obs_sum", typeof(SumRecord) },
        { "cox_obs_stint", typeof(StintRecord) },
        { "cox_obs_cpu", typeof(CpuRecord) },
    };

    [Theory]
    [MemberData(nameof(Mirrors))]
    public void Size_and_offsets_are_those_of_the_built_object(string structure, Type mirror)
    {
        Assert.Equal(s_object.SizeOfStruct(structure), Marshal.SizeOf(mirror));
        IReadOnlyDictionary<string, BtfMember> members = s_object.Members(structure)!;
        FieldInfo[] fields = mirror.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Assert.Equal(members.Keys.Select(PascalCase).Order(), fields.Select(f => f.Name).Order());
        foreach ((string name, BtfMember member) in members)
        {
            Assert.Equal(member.Offset, (int)Marshal.OffsetOf(mirror, PascalCase(name)));
        }
    }

    private static string PascalCase(string name) =>
        string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
