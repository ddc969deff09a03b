using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>The directives that the kernel holds for cgroups, of all there are, without asking the server.</summary>
internal static class CgroupsProbe
{
    private const string Root = "/sys/fs/cgroup";

    public static unsafe Task<int> RunAsync(string[] arguments)
    {
        new Options(arguments).End();
        int map = BpfMaps.Open("cgroup_directi", sizeof(Directive));
        if (map < 0)
        {
            throw new GuestException("no scheduler of ours is loaded");
        }

        ProbeJson.Print(json =>
        {
            json.WriteStartArray("cgroups");
            foreach (string path in Directory.EnumerateDirectories(Root, "*", SearchOption.AllDirectories).Prepend(Root))
            {
                int cgroup = LibC.open(path, LibC.OpenDirectory | LibC.OpenCloseOnExec);
                Directive directive;
                if (cgroup >= 0 && LibBpf.bpf_map_lookup_elem(map, &cgroup, &directive) == 0)
                {
                    json.WriteStartObject();
                    json.WriteString("path", path[Root.Length..]);
                    json.WriteMembers(directive);
                    json.WriteEndObject();
                }

                _ = LibC.close(cgroup);
            }

            json.WriteEndArray();
        });
        return Task.FromResult(ExitCode.Worked);
    }
}
