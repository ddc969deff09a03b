using System.Text.Json;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>A directive as the maps hold it, but for the generation, which is another one each time it is written.</summary>
internal static class DirectiveJson
{
    public static void WriteMembers(this Utf8JsonWriter json, in Directive directive)
    {
        json.WriteNumber("class", (uint)directive.Class);
        json.WriteNumber("slice_ns", directive.SliceNs);
        json.WriteNumber("cpu_set", directive.CpuSet);
        json.WriteNumber("budget_ns", directive.BudgetNs);
        json.WriteNumber("class_intent", directive.ClassIntent);
        json.WriteNumber("slice_intent", directive.SliceIntent);
        json.WriteNumber("cpus_intent", directive.CpusIntent);
        json.WriteNumber("class_expires_ns", directive.ClassExpiresNs);
        json.WriteNumber("slice_expires_ns", directive.SliceExpiresNs);
        json.WriteNumber("cpus_expires_ns", directive.CpusExpiresNs);
    }
}
