using System.Text.Json;
using System.Text.Json.Nodes;

namespace Coxswain.Guest.Demo;

/// <summary>Runs the demo in plain cgroups, where no container runtime can be used.</summary>
internal sealed class CgroupNode : DemoNode
{
    private const string Mount = "/sys/fs/cgroup";
    private const string Top = "/coxswain-demo";

    private CgroupNode()
    {
    }

    public override string Kind => "cgroups";

    public override string Description => $"plain cgroups below {Top}";

    public override string SharedDirectory => Path.GetTempPath();

    public override JsonObject Selection => new() { ["cgroup"] = $"{Top}/{ServiceChain.Group}" };

    protected override string PrioritizeTool => "prioritize_tasks";

    public static CgroupNode Create()
    {
        try
        {
            MakeParent(Top);
            return new CgroupNode();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuestException($"no cgroup can be made in {Mount}: {e.Message}");
        }
    }

    public override Task<IProgram> StartAsync(Home home, string program, params string[] arguments)
    {
        MakeParent($"{Top}/{home.Group}");
        string cgroup = Directory.CreateDirectory($"{Mount}{Top}/{home.Group}/{home.Pod}").FullName;
        return Task.FromResult<IProgram>(Child.Start(
            "/bin/sh", ["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", cgroup, program, .. arguments]));
    }

    public override async Task RequireClassAsync(Agent agent, ServiceChain chain, bool expected)
    {
        JsonElement list = await agent.CallAsync("list_tasks", Selection);
        var found = list.GetProperty("tasks").EnumerateArray().ToDictionary(row => row.GetProperty("pid").GetInt32());
        foreach (int pid in chain.Pids)
        {
            RequireClass(
                found.TryGetValue(pid, out JsonElement row) ? row : throw new GuestException($"list_tasks does not show process {pid} of the chain"),
                $"process {pid} of the chain", expected);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // Those who were in them have ended; the kernel may take a moment to see it.
        for (int attempt = 0; attempt < 50 && Directory.Exists(Mount + Top); attempt++)
        {
            try
            {
                foreach (string cgroup in Directory.GetDirectories(Mount + Top, "*", SearchOption.AllDirectories).OrderByDescending(path => path.Length).Append(Mount + Top))
                {
                    Directory.Delete(cgroup);
                }
            }
            catch (IOException)
            {
                await Task.Delay(20);
            }
        }
    }

    private static void MakeParent(string cgroup)
    {
        Directory.CreateDirectory(Mount + cgroup);
        File.WriteAllText($"{Mount}{cgroup}/cgroup.subtree_control", "+cpu");
    }
}
