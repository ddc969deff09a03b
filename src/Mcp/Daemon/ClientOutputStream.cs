using Coxswain.Mcp.Hosting;

namespace Coxswain.Mcp.Daemon;

/// <summary>What a client is sent; one that does not take it within a time is given up.</summary>
/// <param name="inner">The connection.</param>
/// <param name="limit">How long one write may take.</param>
/// <param name="giveUp">Ends the connection.</param>
internal sealed class ClientOutputStream(Stream inner, TimeSpan limit, Action giveUp) : OutputStream(inner)
{
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when nothing can be sent any more: the client has gone, or was given up.</summary>
    public Task Broken => _broken.Task;

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only write asynchronously.");

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
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
