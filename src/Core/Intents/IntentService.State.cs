using Coxswain.Core.Intents.State;
using Coxswain.Core.Safety;
using Coxswain.Core.Workloads;

namespace Coxswain.Core.Intents;

// What outlives this process: the active changes, in a file, for a later run.
public sealed partial class IntentService
{
    // A disk that does not answer must not hold up whoever steers: the writer reports it.
    private static readonly TimeSpan s_saveLimit = TimeSpan.FromMilliseconds(500);

    private bool _unsaved;
    private volatile bool _saves;

    /// <summary>Where the state is saved; null: nowhere.</summary>
    public IStateSink? StateSink { get; init; }

    /// <summary>Identifies this boot of the machine; empty when it is not known.</summary>
    public string BootId { get; init; } = "";

    /// <summary>Begins to save the state, now and after each change.</summary>
    public void StartSaving()
    {
        lock (_gate)
        {
            _saves = _unsaved = true;
            SaveIfChanged();
        }
    }

    /// <summary>Saves nothing any more: what ends from now on ends because this program does, and is there for its next run.</summary>
    public void StopSaving()
    {
        lock (_gate)
        {
            EndExpired();
            SaveIfChanged();
            _saves = false;
        }

        StateSink?.Flush(s_saveLimit);
    }

    /// <summary>
    /// Puts changes of an earlier run back in force for the rest of their lifetime, as far as they fit what is there now and
    /// the limits of now. What named processes by id returns only within the same boot, and for the same processes.
    /// </summary>
    /// <param name="state">What the earlier run saved.</param>
    /// <exception cref="IntentRejectedException">The scheduler is not attached; nothing was restored.</exception>
    public RestoreResult Restore(SavedState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _pods.Refresh();
        var unobserved = state.Changes.Any(saved => saved.Guard is not null) ? WhyNotObserved() : "";
        List<Change> restored = [];
        List<RefusedRestore> refused = [];
        var expired = 0;
        lock (_gate)
        {
            try
            {
                RequireAttached();
                _book.CountFrom(state.Generation);
                foreach (var saved in state.Changes.Take(IntentLimits.MaxActiveIntents).Where(saved => !IsKnown(saved.Id)))
                {
                    try
                    {
                        var left = SecondsLeft(saved, state);
                        if (left <= 0)
                        {
                            expired++;
                            continue;
                        }

                        if (saved.Guard is not null && unobserved.Length > 0)
                        {
                            throw new IntentRejectedException(RejectionCause.Unobservable, $"its guard cannot be watched: {unobserved}");
                        }

                        restored.Add(Apply(MakePlan(Clean(Request(saved, state, left)), saved)).Change);
                    }
                    catch (IntentRejectedException exception)
                    {
                        refused.Add(new RefusedRestore(CommandText.Clean(saved.Id, 40), exception.Message));
                        NoteNotRestored(saved);
                    }
                }
            }
            finally
            {
                Reschedule();
            }
        }

        return new RestoreResult(restored, refused, expired);
    }

    private bool IsKnown(string id) => _book.FindActive(id) is not null || _book.FindEnded(id) is not null;

    // The date may have been set since: within one boot the monotonic clock bounds what is left, else the saved moment does.
    private int SecondsLeft(SavedChange saved, SavedState state)
    {
        var left = Math.Min(saved.TtlSeconds, (saved.ExpiresAt - _time.GetUtcNow()).TotalSeconds);
        if (IsSameBoot(state))
        {
            left = Math.Min(left, IntentClock.Until(IntentClock.Now(_time), saved.ExpiresNs).TotalSeconds);
        }
        else if (_time.GetUtcNow() < state.SavedAt)
        {
            throw new IntentRejectedException(RejectionCause.Invalid, "the clock shows an earlier time than when it was saved, so that nobody can tell what is left of its lifetime");
        }

        return (int)Math.Clamp(left, 0, Limits.MaxTtlSeconds);
    }

    private bool IsSameBoot(SavedState state) => BootId.Length > 0 && state.BootId == BootId;

    private IntentRequest Request(SavedChange saved, SavedState state, int ttlSeconds)
    {
        List<SavedTask> living = [];
        if (saved.Tasks.Count > 0)
        {
            if (!IsSameBoot(state))
            {
                throw new IntentRejectedException(RejectionCause.NoSuchTask, "it names processes of an earlier boot");
            }

            living = [.. saved.Tasks.Where(task => _tasks.Find(task.Tid) is { IsDead: false } found && found.Key.StartTicks == task.StartTicks)];
            if (living.Count == 0)
            {
                throw new IntentRejectedException(RejectionCause.NoSuchTask, "all processes that it names have ended");
            }
        }

        return saved.ToRequest(ttlSeconds, living);
    }

    private void NoteNotRestored(SavedChange saved)
    {
        var change = new Change
        {
            Id = CommandText.Clean(saved.Id, 40),
            Number = _book.NextNumber(),
            Request = new IntentRequest
            {
                Selector = new Selector { Pids = [.. saved.Tasks.Select(task => task.Tid)], Command = saved.Command, Namespace = saved.Namespace, Labels = saved.Labels },
                Effect = new IntentEffect(saved.Class, saved.SliceUs) { BudgetPercent = saved.BudgetPercent },
                TtlSeconds = saved.TtlSeconds,
                Author = CommandText.Clean(saved.Author, IntentLimits.MaxAuthorLength),
                TraceId = saved.TraceId,
                Reason = CommandText.Clean(saved.Reason, IntentLimits.MaxReasonLength),
            },
            CreatedAt = saved.CreatedAt,
            ExpiresAt = saved.ExpiresAt,
            TaskCount = 0,
            TaskSample = [],
            EndCause = EndCause.NotRestored,
            EndedAt = _time.GetUtcNow(),
        };
        _book.Note(change);
        _observer?.Ended(change);
    }

    private void SaveIfChanged()
    {
        if (!_unsaved || !_saves || StateSink is null)
        {
            return;
        }

        _unsaved = false;
        StateSink.Put(new SavedState
        {
            Version = SavedState.PresentVersion,
            BootId = BootId,
            SavedAt = _time.GetUtcNow(),
            Generation = _book.LastNumber,
            Changes = [.. _book.Active.Where(intent => !intent.Request.IsTrial).OrderBy(intent => intent.Rank).Select(SavedChange.Of)],
        });
    }

    private void AwaitSaved()
    {
        if (_saves)
        {
            StateSink?.Flush(s_saveLimit);
        }
    }
}
