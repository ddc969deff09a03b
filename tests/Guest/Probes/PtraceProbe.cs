using System.Runtime.InteropServices;

namespace Coxswain.Guest.Probes;

/// <summary>Stops one thread of a process as a debugger does, and lets it go on.</summary>
internal static partial class PtraceProbe
{
    private const long Seize = 0x4206;
    private const long Interrupt = 0x4207;
    private const long Detach = 17;
    private const int WaitAll = 0x40000000;

    [LibraryImport("libc", SetLastError = true)]
    private static partial long ptrace(long request, int tid, nint address, nint data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int tid, out int status, int options);

    public static Task<int> RunAsync(string[] arguments)
    {
        var options = new Options(arguments);
        int pid = options.Number("--pid", 0, 1, int.MaxValue);
        string name = options.Text("--thread", "cox-dispatch");
        int milliseconds = options.Number("--ms", 1000, 1, 60_000);
        options.End();
        string task = Directory.EnumerateDirectories($"/proc/{pid}/task").FirstOrDefault(t => File.ReadAllText($"{t}/comm").Trim() == name)
            ?? throw new GuestException($"process {pid} has no thread '{name}'");
        int tid = int.Parse(Path.GetFileName(task), System.Globalization.CultureInfo.InvariantCulture);
        string problem = "";
        // Only the thread that attached may ask for more.
        var tracer = new Thread(() => problem = Hold(tid, milliseconds));
        tracer.Start();
        tracer.Join();
        return problem.Length == 0 ? Task.FromResult(ExitCode.Worked) : throw new GuestException(problem);
    }

    private static string Hold(int tid, int milliseconds)
    {
        if (ptrace(Seize, tid, 0, 0) != 0 || ptrace(Interrupt, tid, 0, 0) != 0 || waitpid(tid, out _, WaitAll) != tid)
        {
            return $"cannot stop thread {tid}: {Marshal.GetLastPInvokeErrorMessage()}";
        }

        Thread.Sleep(milliseconds);
        return ptrace(Detach, tid, 0, 0) == 0 ? "" : $"cannot let thread {tid} go on: {Marshal.GetLastPInvokeErrorMessage()}";
    }
}
