using System.Diagnostics;
using System.Globalization;

namespace Coxswain.Guest.Demo;

/// <summary>The container runtime of a machine that has none running: started for the demo, and ended with it.</summary>
internal sealed class NodeRuntime : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly Child _child;

    private NodeRuntime(Child child) => _child = child;

    /// <param name="program">Runs it in the foreground and prints <c>ready</c> when it answers.</param>
    /// <param name="transcript">Is told, as it takes seconds on an emulated CPU.</param>
    public static async Task<NodeRuntime> StartAsync(string program, Transcript transcript)
    {
        transcript.Step("starting containerd");
        var waited = Stopwatch.StartNew();
        Child child = Child.Start(program);
        string line = await child.ReadLineAsync(s_limit);
        if (line != "ready")
        {
            child.Dispose();
            throw new GuestException($"{program} says '{line}' instead of 'ready'");
        }

        transcript.Step(string.Create(CultureInfo.InvariantCulture, $"containerd answers after {waited.Elapsed.TotalSeconds:F1} s"));
        return new NodeRuntime(child);
    }

    public void Dispose() => _child.Dispose();
}
