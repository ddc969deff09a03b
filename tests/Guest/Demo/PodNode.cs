using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coxswain.Guest.Pods;

namespace Coxswain.Guest.Demo;

/// <summary>Runs the demo in pods of the container runtime, which the agent finds by their labels.</summary>
internal sealed class PodNode : DemoNode
{
    private const string Directory = "/run/coxswain-demo";

    // The label that the chain's pods share.
    private const string PartOf = "app.kubernetes.io/part-of";
    private const int Attempts = 10;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly ContainerRuntime _runtime;
    private readonly string _version;
    private readonly bool _keepsPods;
    private readonly ConcurrentDictionary<string, Lazy<Task<(PodSpec Pod, string Sandbox)>>> _pods = new(StringComparer.Ordinal);

    private PodNode(ContainerRuntime runtime, string version, bool keepsPods)
    {
        _runtime = runtime;
        _version = version;
        _keepsPods = keepsPods;
    }

    public override string Kind => "pods";

    public override string Description => $"pods of {_version}";

    public override string SharedDirectory => Directory;

    public override JsonObject Selection => new() { ["namespace"] = ServiceChain.Group, ["label_selector"] = $"{PartOf}={ServiceChain.Group}" };

    protected override string PrioritizeTool => "prioritize_pods";

    /// <summary>Connects to the container runtime of this machine.</summary>
    /// <param name="keepsPods">Whether the pods outlive the demo, as those of a machine that ends with it may.</param>
    /// <returns>The node, or why there is none.</returns>
    public static async Task<(PodNode? Node, string Problem)> ConnectAsync(bool keepsPods)
    {
        var runtime = new ContainerRuntime();
        (string version, string problem) = await runtime.AskAsync(s_patience);
        if (problem.Length > 0)
        {
            runtime.Dispose();
            return (null, problem);
        }

        System.IO.Directory.CreateDirectory(Directory);
        return (new PodNode(runtime, version, keepsPods), "");
    }

    public override Task PrepareAsync(Home home) => PodOfAsync(home);

    public override async Task<IProgram> StartAsync(Home home, string program, params string[] arguments)
    {
        var pipes = new LinePipes(Directory);
        try
        {
            (PodSpec pod, string sandbox) = await PodOfAsync(home);
            string command = $"exec {string.Join(' ', arguments.Prepend(program))} <{pipes.Input} >{pipes.Output}";
            await _runtime.StartContainerAsync(sandbox, pod, new ContainerSpec(Path.GetFileName(pipes.Input), command)
            {
                SharedDirectory = Directory,
                SharesProcessIds = true,
            });
            return new PodProgram(pod, pipes);
        }
        catch
        {
            pipes.Dispose();
            throw;
        }
    }

    public override async Task RequireClassAsync(Agent agent, ServiceChain chain, bool expected)
    {
        JsonElement list = await ListAsync(agent);
        var found = list.GetProperty("pods").EnumerateArray().ToDictionary(row => ToolResult.Text(row, "name"));
        string[] wanted = [.. ServiceChain.Homes.Select(home => home.Pod).Distinct()];
        if (found.Count != wanted.Length || !wanted.All(found.ContainsKey))
        {
            throw new GuestException($"list_pods finds {string.Join(", ", found.Keys)} where {string.Join(", ", wanted)} run");
        }

        foreach ((string name, JsonElement row) in found)
        {
            RequireClass(row, $"pod {name}", expected);
            // The kernel's own list, without the server. Those of the chain start no threads.
            int threads = (await _pods[name].Value).Pod.Pids.Count;
            if (row.GetProperty("threads").GetInt32() != threads)
            {
                throw new GuestException($"list_pods finds {row.GetProperty("threads")} threads in pod {name}, the kernel {threads}");
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_keepsPods)
        {
            foreach (Lazy<Task<(PodSpec Pod, string Sandbox)>> pod in _pods.Values)
            {
                if (pod.Value.IsCompletedSuccessfully)
                {
                    await _runtime.StopPodAsync(pod.Value.Result.Sandbox);
                }
            }
        }

        _runtime.Dispose();
    }

    // The runtime has to answer within two seconds, on emulated CPUs that the hogs want too: an agent is told so, and asks again.
    private async Task<JsonElement> ListAsync(Agent agent)
    {
        JsonElement list = await agent.CallAsync("list_pods", Selection);
        for (int attempt = 1; attempt < Attempts && list.TryGetProperty("problem", out _); attempt++)
        {
            await Task.Delay(s_pause);
            list = await agent.CallAsync("list_pods", Selection);
        }

        return list;
    }

    private Task<(PodSpec Pod, string Sandbox)> PodOfAsync(Home home) =>
        _pods.GetOrAdd(home.Pod, _ => new Lazy<Task<(PodSpec, string)>>(() => RunAsync(home))).Value;

    private async Task<(PodSpec Pod, string Sandbox)> RunAsync(Home home)
    {
        var pod = new PodSpec(home.Group, home.Pod, Guid.NewGuid().ToString(), [("app", home.App), (PartOf, home.Group)]);
        return (pod, await _runtime.RunPodAsync(pod, sharesProcessIds: true));
    }
}
