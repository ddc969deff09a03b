using Coxswain.Guest.Pods;

namespace Coxswain.Guest.Demo;

/// <summary>A program in a container. It ends with its pod.</summary>
internal sealed class PodProgram(PodSpec pod, LinePipes pipes) : IProgram
{
    /// <summary>Of the whole pod.</summary>
    public IReadOnlyList<int> Pids => pod.Pids;

    public Task<string> ReadLineAsync(TimeSpan limit) => pipes.ReadLineAsync(limit);

    public Task WriteLineAsync(string line) => pipes.WriteLineAsync(line);

    public void Dispose() => pipes.Dispose();
}
