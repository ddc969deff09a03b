using System.Runtime.InteropServices;
using System.Text;
using Coxswain.Core.Kernel;

namespace Coxswain.Guest.Bench;

/// <summary>Counts, from when it was made, how often the kernel found that somebody was not served.</summary>
internal sealed class StallWatch : IDisposable
{
    private const string Log = "/dev/kmsg";
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int Overwritten = 32; // EPIPE
    private const int LongestRecord = 8192;
    private readonly int _log = LibC.open(Log, NonBlocking | LibC.OpenCloseOnExec);
    private readonly string _state = KernelState.State;
    private readonly long _attachments = Attachments;

    /// <exception cref="GuestException">The kernel's log cannot be read.</exception>
    public StallWatch()
    {
        if (_log < 0)
        {
            throw new GuestException($"{Log}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
        ReadOn(); // what was said before is not ours
    }

    /// <summary>Stalls that are in the kernel's log, and ends of the scheduler of which it says nothing.</summary>
    public int Count()
    {
        // A scheduler that was started again has one end behind it; one that is gone, one more.
        long ends = Attachments - _attachments + (_state == "enabled" && KernelState.State != "enabled" ? 1 : 0);
        return (int)Math.Max(ends, Stalls.In(ReadOn()));
    }

    public void Dispose() => _ = LibC.close(_log);

    private static long Attachments => long.Parse(KernelState.EnableSequence, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What the log has had since the last time.</summary>
    private unsafe List<string> ReadOn()
    {
        List<string> lines = [];
        byte* record = stackalloc byte[LongestRecord];
        while (true)
        {
            nint length = LibC.read(_log, record, LongestRecord);
            if (length > 0)
            {
                lines.Add(Encoding.UTF8.GetString(record, (int)length));
            }
            else if (length == 0 || Marshal.GetLastPInvokeError() != Overwritten)
            {
                return lines;
            }
        }
    }
}
