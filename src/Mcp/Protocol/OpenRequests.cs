using System.Text.Json;

namespace Coxswain.Mcp.Protocol;

/// <summary>The client's requests that have not been answered yet, counted from the lines that pass. Thread-safe.</summary>
/// <remarks>
/// A subscription stays open until the client leaves, so it is not waited for; nor is a request that the client has
/// cancelled. A line that is not JSON-RPC changes nothing: refusing it is the server's business. Requests with the same id
/// are as many as they are, though a client must not send them: each is worked on, and each has an answer.
/// </remarks>
internal sealed class OpenRequests
{
    private readonly Dictionary<string, int> _ids = [];
    private int _count;
    private TaskCompletionSource? _emptied;
    private TaskCompletionSource? _fewer;
    private int _most;

    /// <summary>The ids of these requests, as they were written; one that was used twice is there twice.</summary>
    public IReadOnlyList<string> Ids
    {
        get
        {
            lock (_ids)
            {
                return [.. _ids.SelectMany(id => Enumerable.Repeat(id.Key, id.Value))];
            }
        }
    }

    /// <summary>Done as soon as there are fewer than so many.</summary>
    public Task WhenBelowAsync(int most)
    {
        lock (_ids)
        {
            if (_count < most)
            {
                return Task.CompletedTask;
            }

            _most = most;
            _fewer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _fewer.Task;
        }
    }

    /// <summary>Done as soon as every request read so far has been answered.</summary>
    public Task WhenNoneAsync()
    {
        lock (_ids)
        {
            if (_count == 0)
            {
                return Task.CompletedTask;
            }

            _emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _emptied.Task;
        }
    }

    /// <summary>A line came from the client.</summary>
    public void Received(ReadOnlySpan<byte> line)
    {
        var message = Message.Read(line);
        switch (message)
        {
            case { Id: { } id, Method: not (null or "subscriptions/listen") }:
                lock (_ids)
                {
                    _ids[id] = _ids.GetValueOrDefault(id) + 1;
                    _count++;
                }

                break;
            case { Method: "notifications/cancelled", CancelledId: { } id }:
                Close(id);
                break;
            default:
                break;
        }
    }

    /// <summary>A line went to the client.</summary>
    public void Sent(ReadOnlySpan<byte> line)
    {
        if (Message.Read(line) is { Id: { } id, Method: null })
        {
            Close(id);
        }
    }

    private void Close(string id)
    {
        lock (_ids)
        {
            if (!_ids.Remove(id, out var times))
            {
                return;
            }

            if (times > 1)
            {
                _ids[id] = times - 1;
            }

            _count--;
            if (_count < _most)
            {
                _fewer?.TrySetResult();
                _fewer = null;
            }

            if (_count == 0)
            {
                _emptied?.TrySetResult();
                _emptied = null;
            }
        }
    }

    /// <summary>What of a line is looked at.</summary>
    /// <param name="Id">As it is written, so that 1 and "1" differ; null when there is none.</param>
    /// <param name="Method">Null in an answer.</param>
    /// <param name="CancelledId">params.requestId, as it is written.</param>
    private readonly record struct Message(string? Id, string? Method, string? CancelledId)
    {
        public static Message Read(ReadOnlySpan<byte> line)
        {
            var message = default(Message);
            try
            {
                var reader = new Utf8JsonReader(line);
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                {
                    return message;
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    message = message.With(ref reader);
                }
            }
            catch (JsonException)
            {
                return default;
            }

            return message;
        }

        private Message With(ref Utf8JsonReader reader)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                return this with { Id = RawValue(ref reader) };
            }

            if (reader.ValueTextEquals("method"u8))
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.String ? this with { Method = reader.GetString() } : this;
            }

            if (!reader.ValueTextEquals("params"u8))
            {
                reader.Read();
                reader.Skip();
                return this;
            }

            var cancelled = CancelledId;
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    if (reader.ValueTextEquals("requestId"u8))
                    {
                        cancelled = RawValue(ref reader);
                    }
                    else
                    {
                        reader.Read();
                        reader.Skip();
                    }
                }
            }
            else
            {
                reader.Skip();
            }

            return this with { CancelledId = cancelled };
        }

        private static string? RawValue(ref Utf8JsonReader reader)
        {
            reader.Read();
            var value = reader.TokenType switch
            {
                JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
                JsonTokenType.String => $"\"{reader.GetString()}\"",
                _ => null,
            };
            reader.Skip();
            return value;
        }
    }
}
