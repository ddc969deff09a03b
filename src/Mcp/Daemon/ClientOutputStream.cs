using Coxswain.Mcp.Hosting;

namespace Coxswain.Mcp.Daemon;

/// <summary>What a client is sent; one that does not take it within a time is given up.</summary>
/// <param name="inner">The connection.</param>
/// <param name="limit">How long one write may take.</param>
/// <param name="giveUp">Ends the connection.</param>
internal sealed class ClientOutputStream(Stream inner, TimeSpan limit, Action giveUp) : OutputStream(inner)
{
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Task _writing = Task.CompletedTask;

    /// <summary>Done, whatever came of it, as soon as nothing waits for the client to read.</summary>
    public Task Written => _writing;

    /// <summary>Done when nothing can be sent any more: the client has gone, or was given up.</summary>
    public Task Broken => _broken.Task;

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only write asynchronously.");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var sending = SendAsync(buffer, cancellationToken);
        if (!sending.IsCompleted)
        {
            _writing = sending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return new ValueTask(sending);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await Inner.WriteAsync(buffer, cancellationToken).AsTask().WaitAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            _broken.TrySetResult();
            throw;
        }
        catch (TimeoutException)
        {
            _broken.TrySetResult();
            giveUp();
            throw new IOException($"the client did not read for {limit.TotalSeconds:0} s");
        }
    }
}
