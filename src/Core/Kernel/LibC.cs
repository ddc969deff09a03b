using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel;

/// <summary>System calls. C names are kept.</summary>
internal static unsafe partial class LibC
{
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapAnonymous = 0x20;
    public const int MclCurrent = 1;
    public const int MclFuture = 2;
    public const int MclOnFault = 4;
    public const int SetHugePagesOff = 41; // PR_SET_THP_DISABLE
    public const short PollIn = 1;
    public const uint PidfdThread = 0x80; // O_EXCL, Linux 6.9
    public const int OpenDirectory = 0x10000;
    public const int OpenCloseOnExec = 0x80000;
    public const int DuplicateForUs = 1030; // F_DUPFD_CLOEXEC
    public const int Esrch = 3;
    public const int Enoent = 2;
    public const int Einval = 22;
    private const long SysPidfdOpen = 434;

    [LibraryImport("libc", SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mlockall(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint value, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollFd* fds, ulong count, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    [LibraryImport("libc")]
    public static partial int sched_getcpu();

    /// <summary>With <c>pid</c> 0: the calling thread.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getaffinity(int pid, nuint size, void* mask);

    /// <summary>With <c>pid</c> 0: the calling thread.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int pid, nuint size, void* mask);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    /// <summary>With <see cref="DuplicateForUs"/>: another descriptor of the same, at least <c>argument</c>.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsync(int fd);

    /// <summary>With <c>which</c> and <c>who</c> 0: the calling thread, as Linux does it.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setpriority(int which, int who, int nice);

    [LibraryImport("libc")]
    public static partial int getpriority(int which, int who);

    /// <summary>With <c>pid</c> 0: the calling thread.</summary>
    [LibraryImport("libc")]
    public static partial int sched_getscheduler(int pid);

    /// <summary>With <c>pid</c> 0: the calling thread. <c>struct sched_param</c> is one number.</summary>
    [LibraryImport("libc")]
    public static partial int sched_getparam(int pid, ref int priority);

    /// <summary>With <c>pid</c> 0: the calling thread. <c>struct sched_param</c> is one number.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setscheduler(int pid, int policy, ref int priority);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long pidfd_open(long number, int pid, uint flags);

    /// <summary>A descriptor of one thread; -1 with errno when there is no such thread.</summary>
    public static int OpenThread(int tid) => (int)pidfd_open(SysPidfdOpen, tid, PidfdThread);

    [LibraryImport("libc")]
    public static partial int clock_gettime(int clock, TimeSpec* time);

    /// <summary><c>struct timespec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
