using System.Collections.Concurrent;
using System.Text.Json;
using Coxswain.Core.Workloads.Pods;

namespace Coxswain.Core.Workloads.Kubernetes;

/// <summary>Knows the pods of this node from the Kubernetes API, by list and watch. Reading never waits for it. Thread-safe.</summary>
public sealed class KubernetesPodSource : IPodSource, IDisposable
{
    private readonly KubernetesApi _api;
    private readonly KubernetesTimes _times;
    private readonly string _name;
    private readonly CancellationTokenSource _ends = new();
    private readonly ConcurrentDictionary<string, PodInfo> _pods = new(StringComparer.Ordinal);
    private readonly Task _work;
    private volatile string _problem;

    /// <summary>Begins to ask, in the background.</summary>
    /// <param name="access">Whom to ask, and for which node.</param>
    /// <param name="times">How long to wait; null: as usual.</param>
    public KubernetesPodSource(KubernetesAccess access, KubernetesTimes? times = null)
    {
        ArgumentNullException.ThrowIfNull(access);
        _times = times ?? new KubernetesTimes();
        _api = new KubernetesApi(access, _times);
        _name = $"the Kubernetes API at {access.Server.Authority}";
        _problem = $"{_name} has not answered yet";
        _work = Task.Run(FollowAsync);
    }

    /// <summary>The pods as far as the API has told of them; what it told last goes on to count while it does not answer.</summary>
    public PodReading Read() => new(
        // Anybody may write an annotation that claims another pod's uid: who has it from the API goes first.
        [.. _pods.ToArray().OrderBy(pair => pair.Key != pair.Value.Uid).Select(pair => pair.Value).DistinctBy(pod => pod.Uid)], _problem);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ends.Cancel();
        _work.Wait(TimeSpan.FromSeconds(2));
        _api.Dispose();
        _ends.Dispose();
    }

    private async Task FollowAsync()
    {
        var pause = _times.FirstPause;
        while (!_ends.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync().ConfigureAwait(false);
                pause = _times.FirstPause;
                await WatchAsync(version).ConfigureAwait(false);
            }
            catch (KubernetesException exception)
            {
                // One that has only forgotten the past answers; the list that follows tells whether all is well.
                _problem = exception.IsGone ? _problem : $"{_name} {exception.Message}";
            }
            catch (OperationCanceledException)
            {
                return;
            }
#pragma warning disable CA1031 // Nobody waits here who could be told: it is reported, and tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _problem = $"{_name} gave no usable answer: {CommandText.Clean(exception.Message, 200).TrimEnd('.')}";
            }

            // Not all nodes of a cluster at the same moment.
            await Task.Delay(pause * (0.75 + (Random.Shared.NextDouble() / 2)), _ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < _times.LongestPause ? pause * 2 : _times.LongestPause;
        }
    }

    private async Task<string> ListAsync()
    {
        var (pods, version) = await _api.ListAsync(_ends.Token).ConfigureAwait(false);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            found.Add(PodObject.ApiUid(pod));
            Take(pod, isThere: true);
        }

        foreach (var uid in _pods.Keys.Where(uid => !found.Contains(uid)))
        {
            _pods.TryRemove(uid, out _);
        }

        _problem = "";
        return version;
    }

    // A watch that ends by itself goes on where it was; whatever else happens, all is listed anew.
    private async Task WatchAsync(string version)
    {
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            await foreach (var change in _api.WatchAsync(version, _ends.Token).ConfigureAwait(false))
            {
                version = Take(change) is { Length: > 0 } newer ? newer : version;
            }

            // A server that ends each watch at once must not be asked without end.
            if (TimeProvider.System.GetElapsedTime(began) < _times.FirstPause)
            {
                await Task.Delay(_times.FirstPause, _ends.Token).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The version that it tells of.</returns>
    private string Take(JsonElement change)
    {
        var kind = PodObject.Text(change, "type");
        if (!PodObject.TryObject(change, "object", out var thing))
        {
            throw new KubernetesException("sent an event without an object");
        }

        switch (kind)
        {
            case "ADDED" or "MODIFIED": Take(thing, isThere: true); break;
            case "DELETED": Take(thing, isThere: false); break;
            case "BOOKMARK": break;
            case "ERROR": throw Error(thing);
            default: throw new KubernetesException($"sent an event of an unknown type, \"{CommandText.Clean(kind, 40)}\"");
        }

        return PodObject.Version(thing);
    }

    private static KubernetesException Error(JsonElement status)
    {
        var code = status.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) ? value : 0;
        return new KubernetesException(
            $"ended the watch with status {code}: {PodObject.Text(status, "message")}", isGone: code == 410);
    }

    private void Take(JsonElement pod, bool isThere)
    {
        var uid = PodObject.ApiUid(pod);
        if (isThere && !PodObject.HasEnded(pod) && PodObject.Read(pod) is { } read)
        {
            _pods[uid] = read;
        }
        else
        {
            _pods.TryRemove(uid, out _);
        }
    }
}
