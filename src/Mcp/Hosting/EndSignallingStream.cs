namespace Coxswain.Mcp.Hosting;

/// <summary>A stream to read from that tells when its end was reached, and keeps it back until it is released.</summary>
/// <param name="inner">Where to read from.</param>
/// <param name="seen">Gets each line before the reader does.</param>
internal sealed class EndSignallingStream(Stream inner, LineWatch seen) : InputStream
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the other side has closed the stream.</summary>
    public Task Ended => _ended.Task;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (read == 0 && buffer.Length > 0)
        {
            seen.End();
            _ended.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        seen.Pass(buffer.Span[..read]);
        return read;
    }

    /// <summary>Lets the reader see the end.</summary>
    public void Release() => _released.TrySetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
