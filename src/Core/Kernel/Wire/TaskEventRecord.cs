using System.Runtime.InteropServices;

namespace Coxswain.Core.Kernel.Wire;

/// <summary>Kernel to user space: something happened to a thread; mirrors <c>struct cox_task_event</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TaskEventRecord
{
    public ulong AtNs;
    public ulong StartTimeNs;
    public int Pid;
    public int Tgid;
    public TaskEventKind Kind;
    public uint Reserved;
}
