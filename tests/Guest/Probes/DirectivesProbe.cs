using System.Globalization;
using System.Text.Json;
using Coxswain.Core.Kernel;
using Coxswain.Core.Kernel.Wire;

namespace Coxswain.Guest.Probes;

/// <summary>The directives that the kernel holds, of every thread of the machine, without asking the server.</summary>
internal static class DirectivesProbe
{
    public static unsafe Task<int> RunAsync(string[] arguments)
    {
        new Options(arguments).End();
        int map = BpfMaps.Open("directives", sizeof(Directive));
        if (map < 0)
        {
            throw new GuestException("no scheduler of ours is loaded");
        }

        ProbeJson.Print(json =>
        {
            json.WriteStartArray("directives");
            foreach (string process in Directory.EnumerateDirectories("/proc").Where(IsNumber))
            {
                foreach (string thread in Threads(process).Where(IsNumber))
                {
                    WriteDirective(json, map, int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture));
                }
            }

            json.WriteEndArray();
        });
        return Task.FromResult(ExitCode.Worked);
    }

    private static unsafe void WriteDirective(Utf8JsonWriter json, int map, int tid)
    {
        int thread = LibC.OpenThread(tid);
        if (thread < 0)
        {
            return;
        }

        Directive directive;
        if (LibBpf.bpf_map_lookup_elem(map, &thread, &directive) == 0)
        {
            json.WriteStartObject();
            json.WriteNumber("tid", tid);
            json.WriteMembers(directive);
            json.WriteEndObject();
        }

        _ = LibC.close(thread);
    }

    private static string[] Threads(string process)
    {
        try
        {
            return Directory.GetDirectories(Path.Combine(process, "task"));
        }
        catch (IOException)
        {
            return []; // it ended meanwhile
        }
    }

    private static bool IsNumber(string path) => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
