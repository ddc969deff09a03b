using Coxswain.Core.Intents.State;
using Microsoft.Extensions.Logging;

namespace Coxswain.Mcp.Hosting;

/// <summary>The state file, if one is configured, who writes it, and what became of what was in it.</summary>
internal sealed partial class StateStore : IDisposable
{
    private readonly StateWriter? _writer;
    private volatile RestoreResult? _result;

    /// <param name="path">The file; empty for none.</param>
    /// <param name="restores">Whether changes of an earlier run return.</param>
    /// <param name="log">Is told when saving fails.</param>
    public StateStore(string path, bool restores, ILogger<StateStore> log)
    {
        Restores = restores;
        if (path.Length > 0)
        {
            File = new StateFile(path);
            _writer = new StateWriter(File.Write, exception => LogFailed(log, path, exception));
        }
    }

    public StateFile? File { get; }

    public bool Restores { get; }

    public IStateSink? Sink => _writer;

    /// <summary>Why the newest state is not saved; empty when it is.</summary>
    public string Problem => _writer?.Problem ?? "";

    /// <summary>What became of the changes of the earlier run; null when none were to return.</summary>
    public RestoreResult? Result => _result;

    public void Note(RestoreResult result) => _result = result;

    public void Dispose() => _writer?.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "The state cannot be saved to {File}; it is tried again each second, and changes stay in force")]
    private static partial void LogFailed(ILogger log, string file, Exception exception);
}
