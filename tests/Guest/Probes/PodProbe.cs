using Coxswain.Guest.Pods;

namespace Coxswain.Guest.Probes;

/// <summary>Starts and ends pods through the container runtime.</summary>
internal static class PodProbe
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        string stop = options.Text("--stop", "");
        string[] title = options.Text("--pod", "default/pod").Split('/');
        string uid = options.Text("--uid", "");
        string labels = options.Text("--labels", "");
        string command = options.Text("--command", "");
        string restart = options.Text("--restart", "");
        string sandbox = options.Text("--sandbox", "");
        options.End();
        using var runtime = new ContainerRuntime();
        if (stop.Length > 0)
        {
            // Each of them takes seconds in an emulated machine, and none waits for another.
            await Task.WhenAll(stop.Split(',').Select(runtime.StopPodAsync));
            return ExitCode.Worked;
        }

        if (title.Length != 2 || uid.Length == 0 || command.Length == 0)
        {
            throw new UsageException(
                "--pod NAMESPACE/NAME --uid UID --command COMMAND are needed, with --restart CONTAINER --sandbox SANDBOX for a new container in the place of one; or --stop SANDBOX,...");
        }

        var pod = new PodSpec(title[0], title[1], uid, [.. Labels(labels)]);
        if (restart.Length > 0)
        {
            await runtime.StopContainerAsync(restart);
        }
        else
        {
            sandbox = await runtime.RunPodAsync(pod);
        }

        string container = await runtime.StartContainerAsync(sandbox, pod, new ContainerSpec("main", command));
        ProbeJson.Print(json =>
        {
            json.WriteString("sandbox", sandbox);
            json.WriteString("container", container);
        });
        return ExitCode.Worked;
    }

    private static IEnumerable<(string Key, string Value)> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')).Select(label => (label[0], label[1]));
}
